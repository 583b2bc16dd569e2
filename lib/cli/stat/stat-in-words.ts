import type { LogState } from '../../inspection/state/log-state.ts'
import type { MasterSlot } from '../../inspection/survey/survey-types.ts'
import type { Colours } from '../terminal/colour.ts'
import { bytesInWords, counted } from '../terminal/quantities.ts'
import { storeInWords } from './store-in-words.ts'

const nameColumns = 24
const incarnationsShownMax = 20
const segmentsShownMax = 20

/** Damage shows without every record being read. */
export function isDamaged({ tail, layout, store, storeProblem }: LogState): boolean {
  const hasBadSlot = layout.slots.some(({ problem }) => problem !== undefined)
  // A log whose first open was interrupted has one slot.
  const isBegun = layout.master === undefined || layout.master.sequence > 0
  return (
    tail.verdict === 'damaged' ||
    (hasBadSlot && isBegun) ||
    layout.missingSegments.length > 0 ||
    storeProblem !== undefined ||
    (store?.givenUpPages ?? 0) > 0
  )
}

/** Name and value on each line, in groups. */
export function stateInWords(state: LogState, colours: Colours): string[] {
  const line = (name: string, value: string): string =>
    `${colours.name(name.padEnd(nameColumns))}${value}`
  const groups = [
    [colours.strong(state.directory), ...identity(state, line, colours)],
    positions(state, line, colours),
    incarnations(state, line),
    storeInWords(state, line, colours),
  ]
  return groups.flatMap((group, i) => (group.length === 0 ? [] : i === 0 ? group : ['', ...group]))
}

export type Line = (name: string, value: string) => string

function identity(state: LogState, line: Line, colours: Colours): string[] {
  const { layout, formatVersion, segments, use } = state
  const { master, missingSegments } = layout
  const what = layout.isStore ? 'a store' : 'a log'
  const holders = use.holders.map(({ pid, command }) => `process ${pid} (${command})`)
  const who = holders.length === 0 ? 'a process' : holders.join(', ')
  const uses = {
    closed: 'by nobody',
    writer: `for writing by ${who}; this is what it was at one moment`,
    readers: `for reading by ${who}`,
    unknown: 'cannot be told on this system',
  }
  const bad = layout.segments.filter(({ problem }) => problem !== undefined)
  const counts = `${segments.live} live, ${segments.ahead} ahead, ${segments.spare} to be used again`
  return [
    line('identity', `${layout.logId}, ${what}, format ${formatVersion}`),
    ...(master === undefined ? [] : [line('created', timeInWords(master.createdAtMs))]),
    line('open', uses[use.state]),
    ...layout.slots.map((slot, i) =>
      line(`master record, slot ${i}`, slotInWords(slot, state, colours)),
    ),
    line(
      'segments',
      `${counts}; ${bytesInWords(layout.segmentBytes)} each, ${bytesInWords(segments.bytesOnDisk)} on disk`,
    ),
    ...bad
      .slice(0, segmentsShownMax)
      .map(({ number, problem = '' }) => line(`segment ${number}`, colours.warning(problem))),
    ...(bad.length > segmentsShownMax
      ? [line('', `and ${bad.length - segmentsShownMax} more segments with a problem`)]
      : []),
    ...(missingSegments.length === 0
      ? []
      : [line('missing segments', colours.bad(numbersInWords(missingSegments)))]),
  ]
}

function numbersInWords(numbers: readonly number[]): string {
  const shown = numbers.slice(0, segmentsShownMax).join(', ')
  const left = numbers.length - segmentsShownMax
  return left > 0 ? `${shown} and ${left} more` : shown
}

function slotInWords(
  { record, problem = '' }: MasterSlot,
  state: LogState,
  colours: Colours,
): string {
  if (record === undefined) return colours.bad(`not whole: ${problem}`)
  const holds = record.sequence === state.layout.master?.sequence ? ', holds' : ''
  return `whole, sequence ${record.sequence}${holds}`
}

function positions(state: LogState, line: Line, colours: Colours): string[] {
  const { layout, tail, store } = state
  const { oldestLSN, master } = layout
  const { endLSN } = tail
  const fromEnd = (lsn: number): string => `${lsn} (${bytesInWords(endLSN - lsn)} before the end)`
  const endings = {
    new: 'nothing was ever written',
    clean: tail.closedCleanly ? 'closed in order' : 'not closed; nothing stands behind the end',
    torn:
      `not closed; ${counted(tail.cutBytes, 'byte')} behind the end were never acknowledged, ` +
      `an open cuts them off (${tail.reason})`,
    damaged: `damaged: an open refuses it (${tail.reason})`,
  }
  const ending = endings[tail.verdict]
  return [
    line('ended', tail.verdict === 'damaged' ? colours.bad(ending) : ending),
    line('oldest LSN', fromEnd(oldestLSN)),
    ...(master === undefined || master.checkpointLSN === 0
      ? []
      : [line('checkpoint LSN', fromEnd(master.checkpointLSN))]),
    ...(store === undefined ? [] : [line('redo LSN', fromEnd(store.redoLSN))]),
    line('promise LSN', fromEnd(tail.promiseLSN)),
    line(tail.verdict === 'damaged' ? 'good up to LSN' : 'flushed LSN (end)', String(endLSN)),
  ]
}

function incarnations(state: LogState, line: Line): string[] {
  const { incarnations: all, readFromLSN, layout, tail, records } = state
  const isWhole = readFromLSN <= layout.oldestLSN
  const part = isWhole
    ? `the whole log, ${counted(records, 'record')}`
    : `LSN ${readFromLSN} to ${tail.endLSN}, ${counted(records, 'record')}; --full reads all of it`
  const shown = all.slice(-incarnationsShownMax)
  const left = all.length - shown.length
  return [
    line('read', part),
    line('incarnation', String(layout.master?.incarnation ?? tail.incarnation)),
    ...(shown.length === 0 ? [line('', 'its first record was let go with older log')] : []),
    ...(left > 0 ? [line('', `${left} earlier ones`)] : []),
    ...shown.map(({ incarnation, lsn, openedAtMs, cutBytes }) => {
      const cut = cutBytes > 0 ? `, cut off ${counted(cutBytes, 'byte')} of a torn tail` : ''
      return line('', `${incarnation} at LSN ${lsn}, opened ${timeInWords(openedAtMs)}${cut}`)
    }),
  ]
}

export function timeInWords(milliseconds: number): string {
  const time = new Date(milliseconds)
  return Number.isNaN(time.getTime()) ? 'unknown' : time.toISOString()
}
