// Goal: an image that a crash may leave has everything that a flush covered, and of the rest what
// the coins say, sector by sector.
// Method: small made-up records; images built in memory and with files.
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'

import {
  crashPoints,
  durableWrites,
  lastFlushBefore,
  survivingPieces,
} from '../../../crash/machine/crash-image.ts'
import { ImageBuilder } from '../../../crash/machine/image-builder.ts'
import { decodeImage, encodeImage } from '../../../crash/machine/sparse-image.ts'
import { parseWriteRecord, type WriteRecord } from '../../../crash/machine/write-record.ts'
import { Random } from '../../support/random.ts'
import { madeRecord, readerOf, type Step } from './made-record.ts'

const sectorBytes = 512
const steps: readonly Step[] = [
  { write: 0, bytes: [1] },
  { write: 1, bytes: [2] },
  { flush: true },
  { write: 0, bytes: [3, 3, 3, 3] },
  { flush: true },
  { write: 2, bytes: [4] },
]
const none = { seed: 1, keptOf256: 0, atomBytes: 0 }
const all = { seed: 1, keptOf256: 256, atomBytes: 0 }

function recordOf(made: readonly Step[]): WriteRecord {
  const bytes = madeRecord(sectorBytes, made)
  return parseWriteRecord(readerOf(bytes), bytes.length)
}

test('a point -> what the last flush before it covers is durable', () => {
  const record = recordOf(steps)
  const durable = [0, 0, 0, 2, 2, 3, 3]
  for (const [point, count] of durable.entries()) {
    assert.is(durableWrites(record, point).length, count, `point ${point}`)
  }
  assert.is(lastFlushBefore(record.entries, 3), 2)
  assert.is(lastFlushBefore(record.entries, 2), -1)
})

test('points one after the other -> each durable write is there once', () => {
  const record = recordOf(steps)
  let applied = 0
  let writes = 0
  for (let point = 0; point <= record.entries.length; point++) {
    writes += durableWrites(record, point, applied).length
    applied = Math.max(applied, lastFlushBefore(record.entries, point))
  }
  assert.is(writes, 3)
})

test('coins -> none, all, or some sectors of what no flush covered', () => {
  const record = recordOf(steps)
  assert.equal(survivingPieces(record, 4, none), [])
  assert.is(survivingPieces(record, 4, all).length, 1)
  const torn = new Set<number>()
  for (let seed = 0; seed < 50; seed++) {
    const pieces = survivingPieces(record, 4, { seed, keptOf256: 128, atomBytes: sectorBytes })
    torn.add(pieces.length)
    for (const { bytes } of pieces) assert.is(bytes, sectorBytes)
  }
  assert.equal([...torn].sort(), [0, 1, 2, 3, 4])
})

test('crash points -> as many as wanted, ascending, at flushes and elsewhere', () => {
  const record = recordOf(steps)
  const points = crashPoints(record, 0, 200, new Random(3))
  assert.is(points.length, 200)
  assert.equal(
    points,
    [...points].sort((a, b) => a - b),
  )
  assert.equal([...new Set(points)], [0, 1, 2, 3, 4, 5, 6])
})

test('images of files -> the base, what was flushed, and the pieces that survive', () => {
  const directory = mkdtempSync(join(tmpdir(), 'seawall-machine-test-'))
  try {
    const path = (name: string): string => join(directory, name)
    writeFileSync(path('record'), madeRecord(sectorBytes, steps))
    writeFileSync(path('base'), Buffer.alloc(8 * sectorBytes, 9))
    const builder = new ImageBuilder(path('record'), path('base'))
    const sectors = (point: number, coins: typeof none): number[] => {
      builder.build(point, coins, path('image'))
      const image = readFileSync(path('image'))
      return Array.from({ length: 8 }, (_, i) => image[i * sectorBytes] as number)
    }
    assert.equal(sectors(2, none), [9, 9, 9, 9, 9, 9, 9, 9])
    assert.equal(sectors(2, all), [1, 2, 9, 9, 9, 9, 9, 9])
    assert.equal(sectors(4, none), [1, 2, 9, 9, 9, 9, 9, 9])
    assert.equal(sectors(4, all), [3, 3, 3, 3, 9, 9, 9, 9])
    assert.equal(sectors(6, none), [3, 3, 3, 3, 9, 9, 9, 9])
    assert.equal(sectors(6, all), [3, 3, 4, 3, 9, 9, 9, 9])
    builder.close()
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
})

test('an image as text -> the same image', () => {
  const directory = mkdtempSync(join(tmpdir(), 'seawall-machine-test-'))
  try {
    const path = join(directory, 'image')
    writeFileSync(path, Buffer.alloc(10_000, 5))
    truncateSync(path, 1_000_000)
    const before = readFileSync(path)
    const text = encodeImage(path)
    assert.ok(text !== undefined)
    decodeImage(text, path)
    assert.ok(readFileSync(path).equals(before))
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
})

test.run()
