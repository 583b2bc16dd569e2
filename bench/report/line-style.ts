import type { Line } from '../result/plot.ts'

export type Marker = 'circle' | 'square' | 'triangle' | 'diamond'

/** How a line looks. Colours are names of CSS variables, because there are two themes. */
export interface LineStyle {
  readonly colour: string
  readonly marker: Marker
  readonly isDashed: boolean
}

const ownColours = ['--own-1', '--own-2', '--own-3', '--own-4', '--own-5']
const limitColours = ['--limit-1', '--limit-2', '--limit-3']
const peerColours = ['--peer-1', '--peer-2', '--peer-3', '--peer-4', '--peer-5', '--peer-6']
// Shapes tell what colours do not to everybody; ours are round.
const peerMarkers: readonly Marker[] = ['square', 'triangle', 'diamond']

function entry<T>(list: readonly T[], index: number): T {
  return list[index % list.length] as T
}

/** "lmdb, 64 committers" is lmdb, and "plain-fs" is "plain fs". */
function subjectOf(label: string): string {
  return (label.split(/[,(:]/)[0] ?? label)
    .replace(/[-_\s]+/g, ' ')
    .trim()
    .toLowerCase()
}

/**
 * The styles of the lines of one plot. Peers look the same wherever they appear: `peers` has those
 * of all plots, in the order in which they get their colours.
 */
export function stylesOf(lines: readonly Line[], peers: readonly string[]): LineStyle[] {
  const seen = { own: 0, limit: 0 }
  const taken = new Map<string, number>()
  return lines.map(({ role, label }) => {
    if (role === 'limit') {
      const colour = entry(limitColours, seen.limit++)
      return { colour, marker: 'circle', isDashed: true }
    }
    if (role === 'own') {
      const index = seen.own++
      const isDashed = index >= ownColours.length
      return { colour: entry(ownColours, index), marker: 'circle', isDashed }
    }
    const subject = subjectOf(label)
    const index = Math.max(0, peers.indexOf(subject))
    // The same peer twice in one plot: the second line is dashed.
    const times = taken.get(subject) ?? 0
    taken.set(subject, times + 1)
    return {
      colour: entry(peerColours, index),
      marker: entry(peerMarkers, index),
      isDashed: times > 0 || index >= peerColours.length,
    }
  })
}

/** The peers of all lines, without repetition. */
export function peersOf(lines: readonly Line[]): string[] {
  const peers = lines.filter(({ role }) => role === 'peer')
  return [...new Set(peers.map(({ label }) => subjectOf(label)))]
}
