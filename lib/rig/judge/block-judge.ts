import type { ResumeEnd, ResumeError } from '../protocol/messages.ts'
import { readBlock } from '../workload/block-content.ts'
import { type BlockModel, durableBy } from './block-model.ts'
import type { ProbeJudge } from './probe-model.ts'
import { dissect } from './shorn.ts'
import { findTorn } from './torn.ts'
import type { Judgement, Loss, Verdict } from './verdict.ts'

// Damaged blocks whose bytes are kept, to be taken apart at the end.
const keptMax = 256
// Versions of one block that its sectors are compared with: the latest.
const versionsMax = 2048
// What is listed of a device that has lost nearly everything.
const lossesMax = 10_000

const found = { nothing: -1, unreadable: -2, damaged: -3, foreign: -4, misdirected: -5 } as const

/** Holds what the agent reads after a restart against the model. */
export class BlockJudge implements ProbeJudge {
  readonly #model: BlockModel
  readonly #cutAtMs: number
  /** Version of each block, or a negative `found`. */
  readonly #found: Float64Array
  readonly #touched: Uint8Array
  readonly #kept = new Map<number, Buffer>()
  /** The writes of this cycle on each of the kept blocks. */
  #versions: Map<number, number[]> | undefined
  readonly #details = new Map<number, string>()
  readonly #scratch: Buffer
  #losses = 0

  constructor(model: BlockModel, cutAtMs: number) {
    this.#model = model
    this.#cutAtMs = cutAtMs
    this.#found = new Float64Array(model.shape.blocks).fill(found.nothing)
    this.#touched = touchedBlocks(model)
    this.#scratch = Buffer.alloc(model.shape.blockBytes)
  }

  data(first: number, bytes: Buffer): void {
    const { blockBytes, blocks } = this.#model.shape
    for (let at = 0; at + blockBytes <= bytes.length; at += blockBytes) {
      const block = first + at / blockBytes
      if (block < blocks) this.#look(block, bytes, at)
    }
  }

  error({ first, count, code }: ResumeError): void {
    const end = Math.min(first + count, this.#model.shape.blocks)
    for (let block = first; block < end; block++) {
      this.#found[block] = found.unreadable
      this.#details.set(block, `reading it fails with ${code}`)
    }
  }

  end({ error }: ResumeEnd): { judgement: Judgement; baseline: Buffer } {
    const model = this.#model
    const losses = error === undefined ? this.#allLosses() : [gone(error)]
    const judgement = {
      losses,
      ackedRecords: model.ackedRecords,
      ackedBytes: model.ackedBytes,
      checked: error === undefined ? model.shape.blocks : 0,
      information: error === undefined ? this.#information() : {},
    }
    return { judgement, baseline: this.#baseline() }
  }

  #look(block: number, bytes: Buffer, at: number): void {
    const { shape, identity } = this.#model
    const finding = readBlock(bytes, at, shape.blockBytes, identity, this.#scratch)
    if (finding.is === 'whole' && finding.block === block) {
      this.#found[block] = finding.seq
      return
    }
    if (finding.is === 'whole') {
      this.#found[block] = found.misdirected
      this.#details.set(block, `holds write ${finding.seq} of block ${finding.block}`)
      return
    }
    this.#found[block] = finding.is === 'damaged' ? found.damaged : found.foreign
    const mayBeUnwritten = finding.is === 'foreign' && this.#model.baseline[block] === 0
    if (!mayBeUnwritten && this.#kept.size < keptMax) {
      this.#kept.set(block, Buffer.from(bytes.subarray(at, at + shape.blockBytes)))
    }
  }

  #allLosses(): Loss[] {
    const { blocks } = this.#model.shape
    const torn = findTorn(this.#model, this.#found)
    const losses: Loss[] = []
    for (let block = 0; block < blocks; block++) {
      const tornOff = torn.get(block)
      const loss =
        tornOff === undefined
          ? this.#lossOf(block)
          : this.#loss('TORN', block, `lacks write ${tornOff}, which is on its neighbours`)
      if (loss !== undefined && ++this.#losses <= lossesMax) losses.push(loss)
    }
    return losses
  }

  #lossOf(block: number): Loss | undefined {
    const version = this.#found[block] as number
    if (version > 0) return this.#lossOfVersion(block, version)
    if (version === found.unreadable) return this.#loss('UNREADABLE', block)
    if (version === found.misdirected) return this.#loss('MISDIRECTED', block)
    if (version === found.nothing) return this.#loss('UNREADABLE', block, 'was never streamed')
    const before = this.#model.baseline[block] as number
    const promised = this.#model.durable[block] as number
    // It holds what was there before the run.
    if (version === found.foreign && before === 0) {
      return promised === 0 ? undefined : this.#lost(block, 'nothing of this run')
    }
    if (this.#touched[block] === 0) {
      if (before === 0) return undefined
      return this.#loss('COLLATERAL', block, 'nothing was written to it, and it is damaged')
    }
    return this.#damaged(block)
  }

  #lossOfVersion(block: number, version: number): Loss | undefined {
    const { baseline, durable, first, intent, plan } = this.#model
    const before = baseline[block] as number
    const promised = durable[block] as number
    const isOfThisCycle = version >= first
    if (isOfThisCycle && (version > intent || !plan.covers(version, block))) {
      return this.#loss('CORRUPT', block, `holds write ${version}, which was never issued for it`)
    }
    if (!isOfThisCycle && version !== before) {
      return this.#loss('OLD_VERSION', block, `held write ${before} before, now ${version}`)
    }
    if (version >= promised) return undefined
    return this.#lost(block, `write ${version}`)
  }

  #lost(block: number, holds: string): Loss {
    const { durable, durableKind } = this.#model
    const verdict = durableKind[block] === durableBy.through ? 'FUA_LOST' : 'FLUSH_LOST'
    const detail = `write ${durable[block]} was acknowledged as durable, it holds ${holds}`
    return this.#loss(verdict, block, detail)
  }

  #loss(verdict: Verdict, block: number, detail?: string): Loss {
    const { durable, durableAtMs } = this.#model
    const loss = { verdict, place: block, detail: detail ?? this.#details.get(block) ?? '' }
    if (durable[block] === 0) return loss
    return { ...loss, msBeforeCut: this.#cutAtMs - (durableAtMs[block] as number) }
  }

  #damaged(block: number): Loss {
    const bytes = this.#kept.get(block)
    if (bytes === undefined) return this.#loss('CORRUPT', block, 'holds what was never written')
    const { baseline, durable, identity } = this.#model
    const before = baseline[block] as number
    // Content from before the run explains anything, but not once a write was durable.
    const versions = before > 0 || durable[block] === 0 ? [before] : []
    this.#versions ??= writesOn(new Set(this.#kept.keys()), this.#model)
    versions.push(...(this.#versions.get(block) ?? []).slice(-versionsMax))
    const { isShorn, inWords } = dissect(bytes, block, identity, versions)
    return this.#loss(isShorn ? 'SHORN_BLOCK' : 'CORRUPT', block, inWords)
  }

  // A drive without a promise may keep any unflushed write and lose any other; how often it does so
  // out of order tells what its cache is like.
  #information(): Record<string, number> {
    const { volatile, plan, failures } = this.#model
    const newest = this.#found.reduce((a, b) => Math.max(a, b), 0)
    let survived = 0
    let unserializable = 0
    for (const { seq, issued } of volatile) {
      const { first, count } = plan.write(seq)
      const isWhole = this.#found.subarray(first, first + count).every((version) => version >= seq)
      if (isWhole) survived += 1
      else if (issued < newest) unserializable += 1
    }
    return {
      unflushed: volatile.length,
      unflushedSurvived: survived,
      UNSERIALIZABLE: unserializable,
      ioErrors: failures,
      ...(this.#losses > lossesMax ? { lossesNotListed: this.#losses - lossesMax } : {}),
    }
  }

  #baseline(): Buffer {
    const bytes = Buffer.alloc(this.#found.length * 8)
    for (const [block, version] of this.#found.entries()) {
      bytes.writeDoubleLE(Math.max(version, 0), block * 8)
    }
    return bytes
  }
}

function gone(error: string): Loss {
  return { verdict: 'DEVICE_GONE', place: -1, detail: error }
}

function touchedBlocks({ first, intent, plan, shape }: BlockModel): Uint8Array {
  const touched = new Uint8Array(shape.blocks)
  for (let seq = first; seq <= intent; seq++) {
    const write = plan.write(seq)
    touched.fill(1, write.first, write.first + write.count)
  }
  return touched
}

function writesOn(blocks: ReadonlySet<number>, model: BlockModel): Map<number, number[]> {
  const writes = new Map<number, number[]>()
  for (const block of blocks) writes.set(block, [])
  for (let seq = model.first; seq <= model.intent; seq++) {
    const { first, count } = model.plan.write(seq)
    for (let block = first; block < first + count; block++) writes.get(block)?.push(seq)
  }
  return writes
}
