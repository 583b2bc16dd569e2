import type { BlockLayer, ControlGroupFacts, MachineFacts, MountFacts } from '../facts.ts'
import { type Finding, good, note, problem, warning } from '../finding.ts'
import { isInMemory } from './file-system.ts'
import { inWords } from './words.ts'

export function checkDevices(
  layers: readonly BlockLayer[],
  mount: MountFacts | undefined,
  machine: MachineFacts,
): Finding[] {
  const id = 'drive'
  if (layers.length === 0) {
    const why = isInMemory(mount) ? 'There is no drive below memory.' : undefined
    return [note(id, why ?? 'Which drive is below the file system could not be found out.')]
  }
  const path = layers.map((layer) => nameOf(layer)).join(', on ')
  const findings = [good(id, `The file system is on ${path}.`)]
  for (const layer of layers) findings.push(...ofLayer(layer, machine))
  return findings
}

function nameOf({ name, kind, model, serial, detail }: BlockLayer): string {
  const known = [model, serial === '' ? '' : `serial ${serial}`, detail].filter(Boolean)
  const what = kind === 'disk' ? known : [kind, ...known]
  return what.length === 0 ? name : `${name} (${what.join(', ')})`
}

function ofLayer(layer: BlockLayer, { isVirtual }: MachineFacts): Finding[] {
  const { name } = layer
  const findings = ofKind(layer)
  if (layer.isRemovable || name.startsWith('mmcblk')) {
    findings.push(
      warning(
        'removable',
        `${name} is removable or a memory card, and few of those keep what they acknowledge when ` +
          'the power goes.',
        'Use a drive made for the purpose, or test this one (seawall rig).',
      ),
    )
  }
  if (layer.isRotational === true && layer.kind === 'disk' && isVirtual === false) {
    findings.push(
      note(
        'rotational',
        `${name} is a rotating disk: a commit that shares its flush with no other waits for a ` +
          'turn ' +
          'of it, about 8 ms.',
        'Many commits at a time share one flush; a solid-state drive with power-loss protection ' +
          'makes each of them fast.',
      ),
    )
  }
  if (layer.scheduler === 'bfq') {
    findings.push(
      note(
        'scheduler',
        `${name} uses the scheduler bfq, which shares a drive out fairly at the price of latency.`,
        `echo none > /sys/block/${name}/queue/scheduler; mq-deadline for a rotating disk.`,
      ),
    )
  }
  return findings
}

function ofKind(layer: BlockLayer): Finding[] {
  const { name, kind, detail } = layer
  const id = 'drive-kind'
  if (kind === 'memory') {
    return [
      problem(
        id,
        `${name} is memory: nothing in it survives a restart, whatever was flushed.`,
        'Put the log on a drive. For tests this is fine.',
      ),
    ]
  }
  if (kind === 'network') {
    return [
      note(id, `${name} is kept by another machine: a flush is worth what that one makes of it.`),
    ]
  }
  if (kind === 'loop') {
    const file = detail === '' ? 'a file' : `the file ${detail}`
    return [
      note(
        id,
        `${name} is ${file} on another file system, which must be safe, too.`,
        'Ask the doctor about the directory of that file as well.',
      ),
    ]
  }
  if (kind === 'cached' && detail === 'writeback') {
    const sentence =
      `${name} is a cache in writeback mode: for a while, what was acknowledged ` +
      'is on the cache drive only.'
    return [
      note(
        id,
        sentence,
        'Losing either drive loses the log: make both redundant, or use writethrough.',
      ),
    ]
  }
  return kind === 'raid' && hasWriteHole(detail) ? [writeHole(name, detail)] : []
}

function writeHole(name: string, detail: string): Finding {
  return warning(
    'drive-kind',
    `${name} is a ${detail.split(' ')[0]} without a journal: a power cut in the middle of a ` +
      'write, and ' +
      'then a lost drive, damages neighbouring data that was acknowledged long before (write ' +
      'hole).',
    'mdadm --grow --consistency-policy=ppl (RAID 5), a write journal, or RAID 1 or 10 for the log.',
  )
}

// `raid5 resync`: level and consistency policy. A journal or a partial parity log closes the hole.
function hasWriteHole(detail: string): boolean {
  return /^raid[456]\b/.test(detail) && !/ (journal|ppl)$/.test(detail)
}

export function checkWriteLimits(
  { writeLimits }: ControlGroupFacts,
  layers: readonly BlockLayer[],
): Finding[] {
  const id = 'write-limits'
  const numbers = layers.map(({ number }) => number)
  const here = writeLimits.filter(({ number }) => numbers.includes(number))
  if (here.length === 0) return [good(id, 'No limit of a control group on writing was found.')]
  return here.map(({ writesPerSecond, bytesPerSecond, file }) => {
    const limits = [
      writesPerSecond === undefined ? '' : `${writesPerSecond} writes`,
      bytesPerSecond === undefined ? '' : inWords(bytesPerSecond),
    ].filter(Boolean)
    return warning(
      id,
      `The control group lets this process write ${limits.join(' and ')} a second to the ` +
        'drive: commits that need more wait.',
      `Raise the limit in ${file}, or count on it.`,
    )
  })
}
