import type { BlockLayer, MachineFacts, MeasuredFacts, Measurement, MountFacts } from '../facts.ts'
import { type Finding, good, note, problem, warning } from '../finding.ts'
import { isInMemory } from './file-system.ts'
import { microsecondsInWords as time } from './words.ts'

/** No drive that must reach its flash or platters answers a flush so fast. */
const implausibleUs = 20
/** Any of them that is too fast is a flush that was not done. */
const flushMethods = ['dsync', 'fdatasync', 'fsync', 'direct-dsync', 'direct-fdatasync']
/** A disk turns 250 times a second at most. */
const rotatingUs = 1_000
const slowUs = 10_000
const stallUs = 20_000
const stallFactor = 20

export interface LatencyFacts {
  readonly measured: MeasuredFacts
  readonly mount: MountFacts | undefined
  readonly layers: readonly BlockLayer[]
  readonly machine: MachineFacts
}

/** What the table means. */
export function checkLatency(facts: LatencyFacts): Finding[] {
  const { measured } = facts
  if (measured.rows.length === 0) return [unmeasured(measured)]
  if (isInMemory(facts.mount) || facts.layers.some(({ kind }) => kind === 'memory')) {
    const sentence = 'What was measured is memory: it says nothing about durable commits.'
    return [...failures(measured), note('flush-latency', sentence)]
  }
  const flushed = rowOf(measured, 'direct-fdatasync') ?? rowOf(measured, 'fdatasync')
  return [
    ...failures(measured),
    ...(flushed === undefined ? [] : [flushLatency(flushed), ...plausibility(facts)]),
    ...flushCost(facts),
    ...stalls(flushed),
    ...commitRate(measured),
    ...growing(measured),
  ]
}

function unmeasured({ notMeasured, isRefused }: MeasuredFacts): Finding {
  const sentence = `Nothing was measured: ${notMeasured}.`
  if (!isRefused) return note('measured', sentence)
  return warning(
    'measured',
    sentence,
    'Ask the doctor as the user that the log runs as. If that one may not write either, no log ' +
      'can be kept here.',
  )
}

function rowOf({ rows }: MeasuredFacts, id: string): Measurement | undefined {
  return rows.find((row) => row.id === id && row.operations > 0)
}

function failures({ rows }: MeasuredFacts): Finding[] {
  const failed = rows.filter(({ skipped, id }) => skipped !== '' && !id.startsWith('direct-'))
  const reasons = [...new Set(failed.map(({ skipped }) => skipped))]
  if (reasons.length === 0) return []
  return [
    problem(
      'measuring-failed',
      `Writing failed: ${reasons.join('; ')}.`,
      'A log would fail here in the same way. Look at the kernel messages (dmesg).',
    ),
  ]
}

function flushLatency({ p50Us, p99Us }: Measurement): Finding {
  const id = 'flush-latency'
  const sentence =
    `A write of 4 KiB is durable after ${time(p50Us)} (99 of 100 within ` + `${time(p99Us)}).`
  if (p50Us <= slowUs) return good(id, sentence)
  return note(
    id,
    sentence,
    'Let many commits wait at a time: they share one flush. A drive with power-loss protection ' +
      'needs well under a millisecond.',
  )
}

function plausibility({ measured, layers, machine }: LatencyFacts): Finding[] {
  const id = 'flush-plausible'
  const fastest = flushMethods
    .flatMap((method) => rowOf(measured, method) ?? [])
    .sort((a, b) => a.p50Us - b.p50Us)[0]
  if (fastest === undefined) return []
  const { p50Us, method } = fastest
  const isDisk =
    machine.isVirtual === false &&
    layers.some(({ isRotational, kind }) => isRotational === true && kind === 'disk')
  if (p50Us >= (isDisk ? rotatingUs : implausibleUs)) {
    return [good(id, 'Every kind of flush takes a time in which a drive can have done it.')]
  }
  const sentence =
    `${time(p50Us)} (${method}) is faster than ` +
    `${isDisk ? 'a disk that turns' : 'a drive without power-loss protection'} can be`
  const drives = layers.filter(({ below }) => below.length === 0)
  if (drives.length > 0 && drives.every(({ deviceCache }) => deviceCache === 'none')) {
    return [note(id, `${sentence}; the drive says that it has no volatile cache.`)]
  }
  return [
    warning(
      id,
      `${sentence}: either the cache is protected against power loss (capacitors, a battery), or ` +
        'a flush is acknowledged and not done.',
      'Look for power-loss protection in the data sheet of the drive or controller, and test ' +
        'it: seawall rig.',
    ),
  ]
}

// Direct writes with and without a flush: the difference is the flush.
function flushCost({ measured, layers, machine }: LatencyFacts): Finding[] {
  const plain = rowOf(measured, 'direct-write')
  const flushed = rowOf(measured, 'direct-fdatasync')
  if (plain === undefined || flushed === undefined) return []
  const costUs = flushed.p50Us - plain.p50Us
  const id = 'flush-cost'
  if (costUs > plain.p50Us / 10) {
    return [good(id, `Of that the flush takes ${time(costUs)}, the write ${time(plain.p50Us)}.`)]
  }
  const top = layers.find(({ writeCache }) => writeCache !== '')
  const sentence = `The flush costs next to nothing beside the write (${time(plain.p50Us)})`
  if (top?.writeCache === 'write through') {
    return [note(id, `${sentence}, as the kernel sends none ("write through").`)]
  }
  if (machine.isVirtual !== false) {
    return [
      note(
        id,
        `${sentence}: something on the way to the drive, or behind the host, answers it at once.`,
      ),
    ]
  }
  return [
    note(
      id,
      `${sentence}: the drive has a protected cache, or does not do what it is asked to.`,
      'A consumer drive cannot be that fast. Look for power-loss protection in its data sheet, ' +
        'and test it: seawall rig.',
    ),
  ]
}

function stalls(row: Measurement | undefined): Finding[] {
  if (row === undefined || row.p99Us < stallUs || row.p99Us < stallFactor * row.p50Us) return []
  return [
    note(
      'stalls',
      `One flush in a hundred takes ${time(row.p99Us)} or longer, ` +
        `${Math.round(row.p99Us / row.p50Us)} times the usual.`,
      'Something else uses the drive, it cleans up inside, or a quota of the provider is used ' +
        'up: measure again when it is quiet, and longer (--seconds 60).',
    ),
  ]
}

function commitRate(measured: MeasuredFacts): Finding[] {
  const alone = rowOf(measured, 'commit-1')
  const together = rowOf(measured, 'commit-64')
  if (alone === undefined || together === undefined) return []
  const rate = ({ operationsPerSecond }: Measurement): string =>
    operationsPerSecond.toLocaleString('en-US')
  return [
    good(
      'commit-rate',
      `The limit is about ${rate(alone)} commits a second one after the other, and ` +
        `${rate(together)} with 64 waiting at a time.`,
    ),
  ]
}

function growing(measured: MeasuredFacts): Finding[] {
  const over = rowOf(measured, 'fdatasync')
  const grown = rowOf(measured, 'grow')
  if (over === undefined || grown === undefined) return []
  const factor = grown.p50Us / over.p50Us
  if (factor < 1.2)
    return [good('growing', 'A file that grows is flushed as fast as one that does not.')]
  return [
    good(
      'growing',
      `A file that grows takes ${factor.toFixed(1)} times as long to flush; a log writes into ` +
        'prepared segments and does not pay for that.',
    ),
  ]
}
