import type { ResumeEnd, ResumeError } from '../protocol/messages.ts'
import { cellBytes, cellWriter, outcomeOf, writeCell } from '../workload/engine-plan.ts'
import type { EngineModel } from './engine-model.ts'
import type { ProbeJudge } from './probe-model.ts'
import type { Judgement, Loss } from './verdict.ts'

const nothing = Buffer.alloc(0)

/**
 * Holds the engine's pages against the model. For every lane: let D be its last acknowledged
 * transaction, R the one that its counter names, I the last that was announced. D <= R <= I, and
 * every byte of the lane is as transactions 1 to R left it.
 */
export class EngineJudge implements ProbeJudge {
  readonly #model: EngineModel
  readonly #cutAtMs: number
  readonly #pages: Buffer
  readonly #seen: Uint8Array
  readonly #errors: Loss[] = []

  constructor(model: EngineModel, cutAtMs: number) {
    this.#model = model
    this.#cutAtMs = cutAtMs
    this.#pages = Buffer.alloc(model.baseline.length)
    this.#seen = new Uint8Array(model.shape.lanes * model.shape.pagesPerLane)
  }

  /** Page number `first`, counted lane by lane. */
  data(first: number, bytes: Buffer): void {
    const { bodyBytes, pagesPerLane } = this.#model.shape
    for (let at = 0; at < bytes.length; at += bodyBytes) {
      const page = first + at / bodyBytes
      if (page >= this.#seen.length) continue
      bytes.copy(this.#pages, page * bodyBytes, at, at + bodyBytes)
      this.#seen[page] = 1
      if (at + bodyBytes > bytes.length) this.#damaged(page / pagesPerLane, 'a page was cut short')
    }
  }

  error({ first, code }: ResumeError): void {
    const lane = Math.floor(first / this.#model.shape.pagesPerLane)
    this.#damaged(lane, `a page cannot be read: ${code}`)
    this.#seen[first] = 1
  }

  end({ error }: ResumeEnd): { judgement: Judgement; baseline: Buffer } {
    const model = this.#model
    const losses: Loss[] = [...this.#errors]
    if (error !== undefined) losses.push({ verdict: 'OPEN_FAILED', place: -1, detail: error })
    else if (losses.length === 0) {
      for (let lane = 0; lane < model.shape.lanes; lane++) losses.push(...this.#laneLosses(lane))
    }
    const judgement = {
      losses,
      ackedRecords: model.ackedRecords,
      ackedBytes: model.ackedBytes,
      checked: error === undefined ? this.#seen.length : 0,
      information: { failedTransactions: model.failures },
    }
    return { judgement, baseline: losses.length === 0 ? this.#pages : nothing }
  }

  #damaged(lane: number, detail: string): void {
    this.#errors.push({ verdict: 'WRONG_BYTES', place: Math.floor(lane), detail })
  }

  #laneLosses(lane: number): Loss[] {
    const model = this.#model
    const { laneBytes } = model
    const found = this.#pages.subarray(lane * laneBytes, (lane + 1) * laneBytes)
    const firstPage = lane * model.shape.pagesPerLane
    if (this.#seen.subarray(firstPage, firstPage + model.shape.pagesPerLane).includes(0)) {
      return [{ verdict: 'WRONG_BYTES', place: lane, detail: 'a page was never streamed' }]
    }
    const recovered = cellWriter(found, 0)
    const before = cellWriter(model.baseline, lane * laneBytes)
    const { number: acked, atMs } = model.acked[lane] ?? { number: 0, atMs: 0 }
    const outOfBounds = this.#boundsLoss(lane, recovered, before, acked)
    const lost =
      outOfBounds?.verdict === 'ACK_LOST' && acked > 0
        ? { ...outOfBounds, msBeforeCut: this.#cutAtMs - atMs }
        : outOfBounds
    if (lost !== undefined) return [lost]
    const expected = model.laneAfter(lane, recovered)
    return expected.equals(found) ? [] : [this.#differing(lane, recovered, expected, found)]
  }

  #boundsLoss(lane: number, recovered: number, before: number, acked: number): Loss | undefined {
    const { first, intent, shape, seed } = this.#model
    const isOfLane =
      Number.isSafeInteger(recovered) && recovered >= 0 && recovered % shape.lanes === lane
    const isNew = isOfLane && recovered >= first
    if (!isOfLane && recovered !== 0) {
      const detail = `the lane's counter holds ${recovered}`
      return { verdict: 'WRONG_BYTES', place: lane, detail }
    }
    if (recovered > intent || (isNew && outcomeOf(seed, recovered) === 'rollback')) {
      const why = recovered > intent ? 'was never announced' : 'was rolled back'
      return { verdict: 'GHOST', place: lane, detail: `transaction ${recovered} ${why}` }
    }
    const promised = Math.max(acked, before)
    if (recovered < promised || (!isNew && recovered !== before)) {
      const detail = `transaction ${promised} was acknowledged, recovered up to ${recovered}`
      return { verdict: 'ACK_LOST', place: lane, detail }
    }
    return undefined
  }

  // The content of another transaction: atomicity. Of none: the bytes.
  #differing(lane: number, recovered: number, expected: Buffer, found: Buffer): Loss {
    const { shape, seed, intent } = this.#model
    const differs = expected.findIndex((byte, i) => byte !== found[i])
    const page = Math.floor(differs / shape.bodyBytes)
    const cell = Math.floor((differs % shape.bodyBytes) / cellBytes)
    const at = page * shape.bodyBytes + cell * cellBytes
    if (cell >= Math.floor(shape.bodyBytes / cellBytes)) {
      const detail = `page ${page} of the lane has bytes behind its last cell`
      return { verdict: 'WRONG_BYTES', place: lane, detail }
    }
    const writer = cellWriter(found, at)
    const isOfRun = Number.isSafeInteger(writer) && writer > 0 && writer <= intent
    const image = Buffer.alloc(cellBytes)
    if (isOfRun) writeCell(image, 0, seed, writer, { page, cell })
    const isZero = writer === 0 && image.compare(found, at, at + cellBytes) === 0
    const isWhole = isZero || (isOfRun && image.compare(found, at, at + cellBytes) === 0)
    const detail =
      `with transaction ${recovered}, cell ${cell} of page ${page} of the lane must be of ` +
      `${cellWriter(expected, at)}; it is of ${isWhole ? writer : 'none'}`
    return { verdict: isWhole ? 'NOT_ATOMIC' : 'WRONG_BYTES', place: lane, detail }
  }
}
