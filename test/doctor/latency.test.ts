// Goal: the doctor judges the table as a careful person would: what no drive can do is doubted,
// what could not be measured is said, and the conclusion follows from the gravest finding.
// Method: tables made up for each branch; whole reports of made-up facts.
import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { reportLines } from '../../lib/cli/doctor/report-text.ts'
import { wrapped } from '../../lib/cli/terminal/wrapped.ts'
import { colourFor } from '../../lib/cli/terminal/colour.ts'
import { checkLatency } from '../../lib/doctor/checks/latency.ts'
import { microsecondsInWords } from '../../lib/doctor/checks/words.ts'
import { reportOf } from '../../lib/doctor/doctor.ts'
import type { BlockLayer, Facts, MeasuredFacts, Measurement } from '../../lib/doctor/facts.ts'
import { unfitBecause } from '../../lib/doctor/measure/measure.ts'
import { drive, facts, inLines, row } from './made-up.ts'

function judged(
  rows: readonly Measurement[],
  given: { drive?: Partial<BlockLayer>; isVirtual?: boolean; fileSystem?: string } = {},
  measured: Partial<MeasuredFacts> = {},
): string {
  return inLines(
    checkLatency({
      measured: { ...facts.measured, rows, ...measured },
      mount: facts.mount && { ...facts.mount, fileSystem: given.fileSystem ?? 'ext4' },
      layers: [{ ...drive, ...given.drive }],
      machine: { ...facts.machine, isVirtual: given.isVirtual ?? false },
    }),
  )
}

test('a flush in a plausible time -> good, with its parts and the commit rate', () => {
  const text = judged(facts.measured.rows)
  assert.match(
    text,
    /^good flush-latency: A write of 4 KiB is durable after 800 us \(99 of 100 within 1\.6 ms\)/,
  )
  assert.match(text, /good flush-plausible/)
  assert.match(text, /good flush-cost: Of that the flush takes 760 us, the write 40\.0 us/)
  assert.match(text, /good commit-rate: .* 1,220 commits a second .* 1,111 with 64/)
  assert.match(text, /good growing: .*2\.2 times/)
  assert.not.match(text, /note|warning|problem/)
})

test('faster than a drive can be -> a warning, unless the drive says it has no cache', () => {
  const fast = [row('direct-fdatasync', 19)]
  assert.match(
    judged(fast),
    /warning flush-plausible: .*protected .*or a flush is acknowledged and not done.*seawall rig/,
  )
  assert.match(judged([row('fdatasync', 19)]), /warning flush-plausible/)
  assert.match(judged([row('direct-fdatasync', 20)]), /good flush-plausible/)
  // One method that is too fast is enough, also where the write itself takes its time.
  const mixed = [row('direct-fdatasync', 33), row('fdatasync', 2.6)]
  assert.match(judged(mixed), /warning flush-plausible: 2\.6 us \(fdatasync\) is faster/)
  assert.match(inLines(checkLatency({ ...facts, layers: [] })), /good flush-plausible/)
  const unseen = { ...facts, layers: [], measured: { ...facts.measured, rows: fast } }
  assert.match(inLines(checkLatency(unseen)), /warning flush-plausible/)
  assert.match(
    judged(fast, { drive: { deviceCache: 'none' } }),
    /note flush-plausible: .*no volatile cache/,
  )
  assert.match(judged(fast, { drive: { deviceCache: '' } }), /warning flush-plausible/)
})

test('a disk that turns -> a flush below a millisecond is doubted, but not what a guest is shown', () => {
  const rotating = { drive: { isRotational: true } }
  assert.match(judged([row('fdatasync', 900)], rotating), /warning .*a disk that turns/)
  assert.match(judged([row('fdatasync', 4000)], rotating), /good flush-plausible/)
  assert.match(
    judged([row('fdatasync', 900)], { ...rotating, isVirtual: true }),
    /good flush-plausible/,
  )
})

test('a flush that costs nothing beside the write -> said why that may be', () => {
  const rows = [row('direct-write', 100), row('direct-fdatasync', 105)]
  assert.match(judged(rows), /note flush-cost: .*protected cache, or does not do what it is asked/)
  assert.match(judged(rows, { isVirtual: true }), /note flush-cost: .*behind the host/)
  const none = { drive: { writeCache: 'write through' } }
  assert.match(judged(rows, none), /note flush-cost: .*as the kernel sends none/)
})

test('slow, and stalling -> notes', () => {
  assert.match(
    judged([row('fdatasync', 12_000)]),
    /note flush-latency: .*12\.0 ms.*share one flush/,
  )
  assert.match(
    judged([row('fdatasync', 500, 30_000)]),
    /note stalls: .*30\.0 ms or longer, 60 times/,
  )
  assert.not.match(judged([row('fdatasync', 500, 9_000)]), /stalls/)
  assert.not.match(judged([row('fdatasync', 9_000, 30_000)]), /stalls/)
  assert.match(judged([row('fdatasync', 100), row('grow', 110)]), /good growing: .*as fast/)
})

test('memory -> no word about durable commits', () => {
  const text = judged(facts.measured.rows, { fileSystem: 'tmpfs' })
  assert.is(text.split('\n').length, 1)
  assert.match(text, /^note .*says nothing about durable commits/)
  assert.match(judged(facts.measured.rows, { drive: { kind: 'memory' } }), /^note .*memory/)
})

test('nothing measured -> a note when nobody wanted it, a warning when writing was refused', () => {
  const refused = { notMeasured: 'there is no space left', isRefused: true }
  assert.match(judged([], {}, refused), /^warning measured: .*no space left/)
  assert.match(judged([], {}, { notMeasured: 'it was not asked for' }), /^note measured/)
})

test('a method that failed -> a problem; one that the file system cannot do -> a gap in the table', () => {
  const failed = { ...row('fdatasync', 1), operations: 0, skipped: 'EIO: i/o error' }
  assert.match(
    judged([failed, failed]),
    /^problem measuring-failed: Writing failed: EIO: i\/o error\./,
  )
  const direct = { ...failed, id: 'direct-write', skipped: 'the file system refuses it' }
  assert.not.match(judged([direct, row('fdatasync', 300)]), /problem/)
})

test('too little space, files too small -> not measured at all', () => {
  assert.is(unfitBecause(facts.space, facts.limits), '')
  assert.match(
    unfitBecause({ ...facts.space, freeBytes: 2 ** 28 }, facts.limits),
    /too little free/,
  )
  assert.match(
    unfitBecause(facts.space, { ...facts.limits, fileBytes: 1000 }),
    /limit of file sizes/,
  )
})

test('nothing to find fault with -> level good or note, and the conclusion says so', () => {
  const report = reportOf(facts)
  const levels = new Set(
    report.groups.flatMap(({ findings }) => findings.map(({ level }) => level)),
  )
  assert.equal([...levels], ['good'])
  assert.match(report.conclusion, /needs to change/)
})

test('conclusion -> the gravest decides, both are counted', () => {
  const with_ = (given: Partial<Facts>): ReturnType<typeof reportOf> =>
    reportOf({ ...facts, ...given })
  const limits = { ...facts.limits, openFiles: 10 }
  const warned = with_({ limits })
  assert.is(warned.level, 'warning')
  assert.match(warned.conclusion, /one thing should be looked into/)
  const mount = facts.mount && { ...facts.mount, options: ['ro', 'nobarrier'] }
  const grave = with_({ limits, mount })
  assert.is(grave.level, 'problem')
  assert.match(grave.conclusion, /before 2 things are changed\. Look into one thing more\./)
  const dark = with_({
    measured: { notMeasured: 'x', isRefused: false, trial: undefined, rows: [] },
  })
  assert.is(dark.level, 'note')
  assert.match(dark.conclusion, /Nothing was measured/)
})

test('report -> within the columns, findings under their headings, no colour where nobody sees it', () => {
  const lines = reportLines(reportOf(facts), colourFor({}, {}), 80)
  assert.is(lines[0], 'seawall doctor /data/log')
  for (const heading of ['Machine', 'Drive', 'Measured'])
    assert.ok(lines.includes(heading), heading)
  assert.ok(lines.filter((line) => line.startsWith('  ok ')).length > 15)
  assert.ok(lines.every((line) => !line.includes('\x1b')))
  for (const line of lines) assert.ok(line.length <= 100, line)
  assert.equal(wrapped('one two three', 7), ['one two', 'three'])
  assert.equal(wrapped('a-word-that-is-long b', 4), ['a-word-that-is-long', 'b'])
})

test('microseconds -> in words', () => {
  assert.is(microsecondsInWords(9.87), '9.9 us')
  assert.is(microsecondsInWords(138.4), '138 us')
  assert.is(microsecondsInWords(12_345), '12.3 ms')
  assert.is(microsecondsInWords(2_500_000), '2.5 s')
})

test.run()
