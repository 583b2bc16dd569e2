import { type CheckpointEnd, noLSN } from '../../format/engine-record.ts'
import {
  recordBeginCheckpoint,
  recordEndCheckpoint,
  recordPageCheck,
  userOperationMin,
} from '../../format/layout.ts'
import type { LSN } from '../../format/lsn.ts'
import { describePayload } from '../../operation/describe-payload.ts'
import { builtInOperationName } from '../../operation/registry.ts'
import { Analysis, type AnalysisResult } from '../../recovery/analysis.ts'
import { describeRecord } from '../../recovery/describe-record.ts'
import { absent, EngineColumns } from '../records/engine-columns.ts'
import type { Findings } from './finding.ts'
import type { PageHistory } from './page-history.ts'
import type { ScannedRecord } from '../survey/survey-types.ts'
import { TransactionChains } from './transaction-chains.ts'

/**
 * Checks what the records of a store say: that each can be decoded, that transactions hang together,
 * that checkpoints are complete and agree with the log, and what the log expects of the pages.
 */
export class EngineRecords {
  readonly #findings: Findings
  readonly #chains: TransactionChains
  readonly #pages: PageHistory
  readonly #checkpointLSN: LSN
  readonly #analysis: Analysis
  readonly #columns = new EngineColumns()
  #view: DataView = new DataView(new ArrayBuffer(0))
  #beginLSN: LSN = noLSN
  /** Nothing is missing since the checkpoint, so what analysis found can be relied on. */
  #isWholeSinceCheckpoint = true
  #sawCheckpointBegin = false
  transactions = 0
  checkpoints = 0

  /** `from`: where the log begins. `checkpointLSN` 0: no checkpoint was ever taken. */
  constructor(findings: Findings, pages: PageHistory, from: LSN, checkpointLSN: LSN) {
    this.#findings = findings
    this.#pages = pages
    this.#chains = new TransactionChains(from)
    this.#checkpointLSN = checkpointLSN
    this.#analysis = new Analysis(checkpointLSN)
  }

  /** REQUIRES: good records, in the order of the log. */
  take(record: ScannedRecord): void {
    if (record.sort !== 'record') return
    const { lsn, type } = record
    // Larger than what is read of a body: it may be as good as any.
    if (type === recordEndCheckpoint && record.body.length < record.bodyBytes) {
      this.hole(record.nextLSN)
      return
    }
    const columns = this.#columns
    if (!columns.read(record)) {
      this.#takeOther(record)
      return
    }
    const problem = payloadProblem(columns, record.body)
    if (problem !== undefined) {
      this.#undecodable(record, problem)
      return
    }
    if (columns.transactionLSN === lsn) this.transactions += 1
    // Images and checks belong to no transaction.
    const chainProblem =
      columns.transactionLSN === absent ? undefined : this.#chains.take(lsn, type, columns)
    if (chainProblem !== undefined) {
      const sentence = `the record at LSN ${lsn} does not fit in: ${chainProblem}`
      this.#findings.add('chain-broken', sentence, { lsn })
    }
    if (columns.pageId !== absent && type !== recordPageCheck) {
      this.#pages.take(lsn, type, columns.pageId, columns.operation)
    }
    this.#analyse(record)
  }

  /** What stands between these cannot be read. */
  hole(endLSN: LSN): void {
    this.#chains.hole(endLSN)
    this.#beginLSN = noLSN
    if (endLSN > this.#checkpointLSN) this.#isWholeSinceCheckpoint = false
  }

  /** What a restart would find; undefined when the log does not say. */
  end(endLSN: LSN): AnalysisResult | undefined {
    const lsn = this.#checkpointLSN
    if (lsn !== noLSN && this.#isWholeSinceCheckpoint) {
      if (!this.#sawCheckpointBegin) {
        const sentence =
          `no checkpoint begins at LSN ${lsn}, where the master record says so ` +
          `(the log ends at ${endLSN})`
        this.#findings.add('checkpoint-missing', sentence, { lsn })
      } else if (!this.#analysis.sawCheckpoint) {
        const sentence = `the checkpoint at LSN ${lsn}, which a restart begins with, has no end record`
        this.#findings.add('checkpoint-missing', sentence, { lsn })
      }
    }
    const isKnown = this.#isWholeSinceCheckpoint && this.#analysis.sawCheckpoint
    return isKnown ? this.#analysis.state() : undefined
  }

  // Checkpoints, and what no engine writes.
  #takeOther(record: ScannedRecord): void {
    const { lsn, type, body } = record
    const { problem, checkpoint } = describeRecord(lsn, type, body)
    if (problem !== undefined) {
      this.#undecodable(record, problem)
      return
    }
    if (type === recordBeginCheckpoint) {
      this.#beginLSN = lsn
      if (lsn === this.#checkpointLSN) this.#sawCheckpointBegin = true
    } else if (checkpoint !== undefined) {
      this.#checkpoint(lsn, checkpoint)
    }
    this.#analyse(record)
  }

  #undecodable({ lsn, type }: ScannedRecord, problem: string): void {
    const code = problem === unknownOperation ? 'operation-unknown' : 'record-undecodable'
    const sentence = `the record at LSN ${lsn} (type ${type}) has a good checksum and says nothing: ${problem}`
    this.#findings.add(code, sentence, { lsn })
    // Whatever it was, the transactions may have gone on with it.
    this.hole((lsn + 1) as LSN)
  }

  #checkpoint(lsn: LSN, { beginLSN, transactions }: CheckpointEnd): void {
    this.checkpoints += 1
    // Its begin record may have been let go, or cannot be read.
    const isBeginSeen = this.#beginLSN !== noLSN
    const problem =
      isBeginSeen && beginLSN !== this.#beginLSN
        ? `it names LSN ${beginLSN} as its begin, the last one is at ${this.#beginLSN}`
        : this.#chains.compare(transactions)
    if (problem === undefined) return
    const sentence = `the end of the checkpoint at LSN ${lsn} contradicts the log: ${problem}`
    this.#findings.add('checkpoint-contradiction', sentence, { lsn })
  }

  #analyse({ type, lsn, body }: ScannedRecord): void {
    if (lsn < this.#checkpointLSN) return
    // The bodies of a batch lie in one buffer.
    if (this.#view.buffer !== body.buffer) this.#view = new DataView(body.buffer)
    this.#analysis.takeRecord(type, lsn, this.#view, body.byteOffset, body.length)
  }
}

const unknownOperation = 'its operation is none of the engine and none of a user'

function payloadProblem(columns: EngineColumns, body: Uint8Array): string | undefined {
  const { operation, payloadOffset, pageId } = columns
  if (operation === absent || operation >= userOperationMin) return undefined
  const name = builtInNames[operation]
  if (name === undefined) return unknownOperation
  const payload = body.subarray(payloadOffset)
  if (describePayload(operation, pageId, payload) !== undefined) return undefined
  return `${name} cannot have a payload of ${payload.length} bytes like this one`
}

const builtInNames = Array.from({ length: userOperationMin }, (_, operation) =>
  builtInOperationName(operation),
)
