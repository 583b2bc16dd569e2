// Goal: every way in which a device can lose data has its verdict, and a device that keeps its
// promises has none.
// Method: a model is told what happened, an image of the device is made by hand, and judged.
import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { BlockModel } from '../../lib/rig/judge/block-model.ts'
import type { Judgement } from '../../lib/rig/judge/verdict.ts'
import { eventKind } from '../../lib/rig/protocol/events.ts'
import type { BlockShape } from '../../lib/rig/protocol/messages.ts'
import { writeBlock } from '../../lib/rig/workload/block-content.ts'

const shape: BlockShape = {
  blockBytes: 1024,
  blocks: 64,
  atomicBytes: 4096,
  maxWriteBytes: 4096,
  mode: 'mixed',
  depth: 4,
}
const identity = { seed: 7, run: Buffer.alloc(16, 9) }

/** A device, what was done to it, and what the observer knows. */
class Bench {
  readonly model = new BlockModel(
    { kind: 'device', target: 'x', fingerprint: {}, block: shape },
    identity,
  )
  readonly image = Buffer.alloc(shape.blocks * shape.blockBytes, 0xee)
  #next = 1
  #flushes = 0

  constructor() {
    this.model.started(1)
  }

  get fillWrites(): number {
    return this.model.plan.fillWrites
  }

  /** Issues so many writes; they complete, and are on the medium unless `lost`. */
  write(count: number, { lost = false, through = false } = {}): number {
    for (let i = 0; i < count; i++) {
      const seq = this.#next++
      this.model.announced(seq)
      if (!lost) this.put(seq)
      this.model.event(through ? eventKind.writtenThrough : eventKind.written, seq, 0, 100)
    }
    return this.#next - 1
  }

  flush(): void {
    this.model.event(eventKind.flushBegins, ++this.#flushes, 0, 100)
    this.model.event(eventKind.flushed, this.#flushes, 0, 100)
  }

  put(seq: number, part: (block: number) => boolean = () => true): void {
    const { first, count } = this.model.plan.write(seq)
    for (let block = first; block < first + count; block++) {
      if (part(block)) this.putBlock(block, seq)
    }
  }

  putBlock(block: number, seq: number, of = block): void {
    const label = { block: of, seq, previous: 0 }
    writeBlock(this.image, block * shape.blockBytes, shape.blockBytes, identity, label)
  }

  judge(): Judgement {
    const judge = this.model.judge(150)
    judge.data(0, this.image)
    return this.#adopt(judge.end({ durationMs: 0 }))
  }

  verdicts(): string[] {
    return [...new Set(this.judge().losses.map(({ verdict }) => verdict))]
  }

  /** The next cycle begins with what is there. */
  #adopt({ judgement, baseline }: { judgement: Judgement; baseline: Buffer }): Judgement {
    this.model.adopt(baseline)
    this.model.started(this.#next)
    return judgement
  }

  blockOf(seq: number): number {
    return this.model.plan.write(seq).first
  }

  /** A write of a whole atomic unit, on its own. */
  wholeUnitWrite(): number {
    for (;;) {
      const { first, count } = this.model.plan.write(this.#next)
      if (count === 4 && first % 4 === 0) return this.#next
      this.write(1)
    }
  }
}

function filled(): Bench {
  const bench = new Bench()
  bench.write(bench.fillWrites)
  bench.flush()
  assert.equal(bench.verdicts(), [])
  return bench
}

test('everything flushed and there -> nothing', () => {
  const bench = filled()
  bench.write(200)
  bench.flush()
  const { losses, ackedRecords, checked } = bench.judge()
  assert.equal(losses, [])
  assert.is(ackedRecords, 200)
  assert.is(checked, 64)
})

test('unflushed writes gone, there, or announced and there without an answer -> nothing', () => {
  const bench = filled()
  bench.write(20)
  bench.flush()
  const last = bench.write(10, { lost: true })
  bench.put(last)
  bench.model.announced(last + 5)
  bench.put(last + 3)
  const { losses, information } = bench.judge()
  assert.equal(losses, [])
  assert.is(information.unflushed, 10)
})

test('never written, nothing promised -> nothing, whatever is on it', () => {
  assert.equal(new Bench().verdicts(), [])
})

test('flushed, and still what was there before the run -> FLUSH_LOST', () => {
  const bench = new Bench()
  bench.write(2, { lost: true })
  bench.flush()
  assert.equal(bench.verdicts(), ['FLUSH_LOST'])
})

test('flushed, and still the version before -> FLUSH_LOST with its age', () => {
  const bench = filled()
  bench.write(1, { lost: true })
  bench.flush()
  const { losses } = bench.judge()
  assert.equal(new Set(losses.map(({ verdict }) => verdict)), new Set(['FLUSH_LOST']))
  assert.is(losses[0]?.msBeforeCut, 50)
})

test('a flush that was issued before the write completed -> covers it not', () => {
  const bench = filled()
  bench.model.event(eventKind.flushBegins, 99, 0, 100)
  bench.write(1, { lost: true })
  bench.model.event(eventKind.flushed, 99, 0, 100)
  assert.equal(bench.verdicts(), [])
})

test('written through, and still the version before -> FUA_LOST', () => {
  const bench = filled()
  bench.write(1, { lost: true, through: true })
  assert.equal(bench.verdicts(), ['FUA_LOST'])
})

test('part of an atomic unit -> TORN, flushed or not', () => {
  for (const isFlushed of [false, true]) {
    const bench = filled()
    const seq = bench.wholeUnitWrite()
    bench.flush()
    bench.write(1, { lost: true })
    if (isFlushed) bench.flush()
    bench.put(seq, (block) => block % 4 < 2)
    assert.equal(bench.verdicts(), ['TORN'], `flushed: ${isFlushed}`)
  }
})

test('sectors of two versions in a block -> SHORN_BLOCK, and in words which', () => {
  const bench = filled()
  const seq = bench.write(1, { lost: true })
  const at = bench.blockOf(seq) * shape.blockBytes
  const before = Buffer.from(bench.image.subarray(at, at + shape.blockBytes))
  bench.put(seq)
  before.copy(bench.image, at + 512, 512)
  const { losses } = bench.judge()
  const shorn = losses.filter(({ verdict }) => verdict !== 'TORN')
  assert.equal(
    shorn.map(({ verdict }) => verdict),
    ['SHORN_BLOCK'],
  )
  assert.match(shorn[0]?.detail ?? '', new RegExp(`^sectors 0 of write ${seq}, 1 of write \\d+$`))
})

test('an older version than at the last restart, or one that was gone then -> OLD_VERSION', () => {
  const bench = filled()
  const older = bench.write(1)
  const block = bench.blockOf(older)
  while (bench.blockOf(bench.write(1)) !== block);
  bench.flush()
  assert.equal(bench.verdicts(), [])
  bench.putBlock(block, older)
  assert.equal(bench.verdicts(), ['OLD_VERSION'])
})

test('the block of another address -> MISDIRECTED', () => {
  const bench = filled()
  const seq = bench.write(1)
  bench.putBlock((bench.blockOf(seq) + 32) % 64, seq, bench.blockOf(seq))
  assert.ok(bench.verdicts().includes('MISDIRECTED'))
})

test('a write that was never announced, a flipped bit in what was written -> CORRUPT', () => {
  const bench = filled()
  const seq = bench.write(1)
  bench.flush()
  bench.putBlock(bench.blockOf(seq), seq + 1000)
  assert.equal(bench.verdicts(), ['CORRUPT'])
  const flipped = filled()
  const at = flipped.blockOf(flipped.write(1)) * shape.blockBytes + 700
  flipped.flush()
  flipped.image.writeUInt8(flipped.image.readUInt8(at) ^ 4, at)
  assert.equal(flipped.verdicts(), ['CORRUPT'])
})

test('damage where nothing was written -> COLLATERAL', () => {
  const bench = filled()
  const seq = bench.write(1)
  const { first, count } = bench.model.plan.write(seq)
  const other = (first + count + 8) % 64
  bench.image.fill(0x5a, other * shape.blockBytes, (other + 1) * shape.blockBytes)
  assert.equal(bench.verdicts(), ['COLLATERAL'])
})

test('blocks that fail to read or never came -> UNREADABLE; no device -> DEVICE_GONE', () => {
  const bench = filled()
  const judge = bench.model.judge(150)
  judge.data(0, bench.image.subarray(0, 32 * shape.blockBytes))
  judge.error({ first: 32, count: 4, code: 'EIO' })
  const { losses } = judge.end({ durationMs: 0 }).judgement
  assert.is(losses.length, 32)
  assert.ok(losses.every(({ verdict }) => verdict === 'UNREADABLE'))
  const gone = bench.model.judge(150).end({ durationMs: 0, error: 'ENOENT' }).judgement.losses
  assert.equal(
    gone.map(({ verdict }) => verdict),
    ['DEVICE_GONE'],
  )
})

test('later unflushed writes without earlier ones -> UNSERIALIZABLE, for information', () => {
  const bench = filled()
  bench.write(1, { lost: true })
  bench.write(1)
  const { losses, information } = bench.judge()
  assert.equal(losses, [])
  assert.is(information.UNSERIALIZABLE, 1)
})

test.run()
