// Goal: a dump goes up to damage and past it, loses no record that is whole, says what is missing
// where, and does not take the end of a log for damage, nor damage for the end (H12, H13).
// Method: logs of numbered records whose files are broken by hand in every way; what is shown is
// compared with the records that were not touched.
import { cpSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { Log, type LSN } from '../../../lib/index.ts'
import { openSmall, temporaryDirectory } from '../../support/temporary-directory.ts'
import { dump, dumpValues, fingerprint, valuesOf } from './dump-process.ts'

const segmentBytes = 64 * 1024
const blockBytes = 4096
const payloadBytes = segmentBytes - blockBytes
const records = 2000
const bodyBytes = 200
const recordBytes = 224
const firstLSN = 48
const all = Array.from({ length: records }, (_, i) => i)

const closed = temporaryDirectory()

test.before(async () => {
  const log = await openSmall({ segmentBytes }, closed)
  for (let i = 0; i < records; i++) log.append(numbered(i))
  await log.close()
})

function numbered(i: number): Buffer {
  const body = Buffer.alloc(bodyBytes, i)
  body.writeUInt32LE(i)
  return body
}

function numberOf(value: Record<string, unknown>): number {
  return Buffer.from(String(value.body), 'base64').readUInt32LE()
}

function copyOf(directory: string): string {
  const copy = temporaryDirectory()
  cpSync(directory, copy, { recursive: true, preserveTimestamps: true })
  return copy
}

function segmentPath(directory: string, number: number): string {
  return join(directory, 'wal', `${String(number).padStart(20, '0')}.wal`)
}

function change(path: string, at: number, bytes: Uint8Array): void {
  const content = readFileSync(path)
  content.set(bytes, at)
  writeFileSync(path, content)
}

/** Overwrites the log's bytes from `lsn` on; within one segment. */
function changeAt(directory: string, lsn: number, bytes: Uint8Array): void {
  const path = segmentPath(directory, Math.floor(lsn / payloadBytes))
  change(path, blockBytes + (lsn % payloadBytes), bytes)
}

function isTouched(i: number, from: number, to: number): boolean {
  const lsn = firstLSN + i * recordBytes
  return lsn < to && lsn + recordBytes > from
}

/** The records that have a byte in [from, to). */
function touched(from: number, to: number): number[] {
  return all.filter((i) => isTouched(i, from, to))
}

/** Checks that just these are not among `numbers`, and that the rest is there once and in order. */
function assertLost(numbers: readonly number[], lost: readonly number[]): void {
  assert.equal(
    all.filter((i) => !numbers.includes(i)),
    lost,
  )
  assert.is(numbers.length, records - lost.length)
  assert.ok(
    numbers.every((number, i) => i === 0 || number > (numbers[i - 1] ?? 0)),
    'in order',
  )
}

interface Seen {
  readonly numbers: number[]
  readonly gaps: Record<string, unknown>[]
  readonly status: number | null
  readonly stderr: string
  readonly end: Record<string, unknown> | undefined
}

function look(directory: string, ...options: string[]): Seen {
  const before = fingerprint(directory)
  const { status, stdout, stderr } = dump(directory, '--json', ...options)
  assert.is(fingerprint(directory), before, 'nothing was changed')
  const values = valuesOf(stdout)
  const good = values.filter((value) => value.what === 'record' && value.problem === undefined)
  return {
    status,
    stderr,
    numbers: good.map(numberOf),
    gaps: values.filter((value) => value.what === 'damage' || value.problem !== undefined),
    end: values.find((value) => value.what === 'log-end'),
  }
}

test('bytes flipped in the middle -> all records before and behind are shown, the damage where it is', () => {
  const directory = copyOf(closed)
  const lsn = 2 * payloadBytes + 10_000
  changeAt(directory, lsn, Buffer.alloc(1000, 0xa5))
  const { status, stderr, numbers, gaps, end } = look(directory)
  assert.is(status, 1)
  assertLost(numbers, touched(lsn, lsn + 1000))
  assert.ok(gaps.length >= 1)
  for (const gap of gaps) {
    assert.ok(
      Number(gap.lsn) >= lsn - recordBytes && Number(gap.lsn) < lsn + 1000,
      JSON.stringify(gap),
    )
  }
  assert.match(stderr, /^seawall: damage: .*the first at LSN \d+\n/)
  assert.is(end?.verdict, 'clean', 'an open does not look there')
  const lines = dump(directory).lines
  const damage = lines.findIndex((line) => / damage +\d+ {2}no records up to LSN \d+: /.test(line))
  assert.ok(damage > 0 && damage < lines.length - 1, 'in its place')
})

test('one bit of a body -> the record is shown with what is wrong with it', () => {
  const directory = copyOf(closed)
  changeAt(directory, firstLSN + 1000 * recordBytes + 100, Uint8Array.of(0xff))
  const { status, stderr, numbers } = look(directory)
  assert.is(status, 1)
  assert.match(
    stderr,
    new RegExp(`1 record with a problem, the first at LSN ${firstLSN + 1000 * recordBytes}`),
  )
  assert.is(numbers.length, records - 1)
  const text = dump(directory).stdout
  assert.match(text, /PROBLEM: its body does not match its checksum\n/)
  const filtered = dump(directory, '--type', '9')
  assert.is(filtered.status, 1, 'damage is said also when its record is not asked for')
})

test('a segment is missing -> a gap of its size, then the records behind it', () => {
  const directory = copyOf(closed)
  rmSync(segmentPath(directory, 3))
  const { status, stderr, numbers, gaps, end } = look(directory)
  assert.is(status, 1)
  assertLost(numbers, touched(3 * payloadBytes, 4 * payloadBytes))
  assert.ok(
    gaps.some((gap) => Number(gap.bytes) >= payloadBytes - recordBytes),
    JSON.stringify(gaps),
  )
  assert.ok(
    gaps.some((gap) => /missing/.test(String(gap.reason))),
    JSON.stringify(gaps),
  )
  assert.is(end?.verdict, 'damaged')
  assert.match(stderr, /damaged or missing/)
})

test('a segment cut short -> what is left of it and everything behind it is shown', () => {
  const directory = copyOf(closed)
  truncateSync(segmentPath(directory, 3), blockBytes + 5 * blockBytes)
  const { status, numbers } = look(directory)
  assert.is(status, 1)
  assertLost(numbers, touched(3 * payloadBytes + 5 * blockBytes, 4 * payloadBytes))
})

test("a segment's header is damaged -> its records are shown, and the file is named", () => {
  const directory = copyOf(closed)
  change(segmentPath(directory, 3), 30, Buffer.alloc(20, 0xa5))
  const { status, stderr, numbers } = look(directory)
  assert.is(status, 1)
  assert.is(numbers.length, records)
  assert.match(stderr, /0003\.wal/)
})

test('one slot of the master record is damaged -> nothing is wrong with the records', () => {
  for (const slot of [0, 65536]) {
    const directory = copyOf(closed)
    change(join(directory, 'master'), slot, Buffer.alloc(128, 0xa5))
    const { numbers, stderr, status } = look(directory)
    assert.is(numbers.length, records)
    assert.ok(status === 0 || /LSN|master/.test(stderr), stderr)
  }
})

test('both slots are damaged -> every record is shown, and an open refuses', () => {
  const directory = copyOf(closed)
  for (const slot of [0, 65536]) change(join(directory, 'master'), slot, Buffer.alloc(128, 0xa5))
  const { status, stderr, numbers, end } = look(directory)
  assert.is(status, 1)
  assert.is(numbers.length, records)
  assert.is(end?.verdict, 'damaged')
  assert.match(stderr, /seawall: .*master/)
})

test('everything is damaged -> exit code 2 and what to do', () => {
  const directory = copyOf(closed)
  for (const name of readdirSync(join(directory, 'wal'))) {
    change(join(directory, 'wal', name), 0, Buffer.alloc(blockBytes, 0xa5))
  }
  writeFileSync(join(directory, 'master'), Buffer.alloc(65536 + blockBytes, 0xa5))
  const { status, stdout, stderr } = dump(directory)
  assert.is(status, 2)
  assert.is(stdout, '')
  assert.match(stderr, /^seawall: .+ - .+\n$/)
})

/** A log as a power cut leaves it: three batches, the promise of the last one is not written. */
async function crashed(batches: number): Promise<{ directory: string; ends: number[] }> {
  const live = temporaryDirectory()
  const log = await Log.open(live, { segmentBytes, bufferBytes: segmentBytes, idleMarkMs: 60_000 })
  const ends: number[] = []
  let next = 0
  for (let batch = 0; batch < batches; batch++) {
    for (let i = 0; i < 10; i++) log.append(numbered(next++))
    await log.flush()
    ends.push(log.flushedLSN)
  }
  const directory = copyOf(live)
  await log.close()
  return { directory, ends }
}

test('the last batch is torn -> the log ends before it, which is no damage; --past-end shows the rest', async () => {
  const { directory, ends } = await crashed(3)
  const [, lastBatch = 0] = ends
  changeAt(directory, lastBatch + 30, Buffer.alloc(4, 0xa5))
  const seen = look(directory)
  assert.is(seen.status, 0, seen.stderr)
  assert.is(seen.stderr, '')
  assert.equal(
    seen.numbers,
    Array.from({ length: 20 }, (_, i) => i),
  )
  assert.is(seen.end?.verdict, 'torn')
  assert.is(seen.end?.lsn, lastBatch)
  assert.match(
    dump(directory).lines.at(-1) ?? '',
    /log-end .* an open cuts off \d+ bytes \(--past-end shows/,
  )

  const past = dump(directory, '--past-end')
  assert.is(past.status, 0)
  const end = past.lines.findIndex((line) => line.includes(' log-end '))
  const behind = past.lines.slice(end + 1).filter((line) => / 0 +200 /.test(line))
  assert.ok(behind.length >= 9, past.stdout)
  assert.ok(behind.every((line) => line.includes('(behind the end: an open cuts it off)')))
  const whole = behind.filter((line) => !line.includes('PROBLEM'))
  assert.is(whole.length, 9)
  const places = dumpValues(directory, '--past-end').filter(
    ({ place }) => place === 'behind the end',
  )
  assert.is(places.length, behind.length)
})

test('a batch that was promised is damaged at the end -> damage, and what stands behind it', async () => {
  const { directory, ends } = await crashed(3)
  const [secondBatch = 0, thirdBatch = 0] = ends
  changeAt(directory, secondBatch, Buffer.alloc(24, 0xa5))
  const { status, stderr, numbers, gaps, end } = look(directory)
  assert.is(status, 1)
  const expected = Array.from({ length: 30 }, (_, i) => i).filter((i) => i !== 10)
  assert.equal(numbers, expected)
  assert.is(gaps[0]?.lsn, secondBatch as LSN)
  assert.is(end?.verdict, 'damaged')
  assert.match(stderr, new RegExp(`LSN ${secondBatch}`))
  assert.ok(thirdBatch > secondBatch)
})

test('--from within a gap -> the damage is said', () => {
  const directory = copyOf(closed)
  changeAt(directory, 2 * payloadBytes, Buffer.alloc(20_000, 0xa5))
  const { status, numbers, gaps } = look(directory, '--from', String(2 * payloadBytes + 10_000))
  assert.is(status, 1)
  assert.ok(gaps.length >= 1)
  assert.is(gaps[0]?.lsn, 2 * payloadBytes + 10_000)
  assert.is(numbers[0], (touched(0, 2 * payloadBytes + 20_000).at(-1) ?? 0) + 1)
})

test('--last on a damaged log -> the last whole records', () => {
  const directory = copyOf(closed)
  rmSync(segmentPath(directory, 1))
  const { numbers } = look(directory, '--last', '3')
  assert.equal(numbers, [records - 3, records - 2, records - 1])
})

test.run()
