import { OptionReader } from '../option-reader.ts'
import type { ResolvedTransactionOptions, TransactionOptions } from '../txn/transaction-types.ts'
import type { ResolvedEngineOptions } from './engine-options.ts'

const names: readonly (keyof TransactionOptions)[] = [
  'readOnly',
  'durability',
  'timeoutMs',
  'lockTimeoutMs',
  'signal',
]
const timerMsMax = 2 ** 31 - 1

/** Checks `given` and fills in what the engine says. Throws ERR_SEAWALL_INVALID_OPTION. */
export function resolveTransactionOptions(
  given: unknown,
  engine: ResolvedEngineOptions,
): ResolvedTransactionOptions {
  const { durability, lockTimeoutMs } = engine
  if (given === undefined) {
    return { readOnly: false, durability, timeoutMs: undefined, lockTimeoutMs, signal: undefined }
  }
  const read = new OptionReader(given, names)
  return {
    readOnly: read.boolean('readOnly', false),
    durability: read.choice('durability', durability, ['flush', 'async']),
    timeoutMs: read.integer('timeoutMs', undefined, 1, timerMsMax),
    lockTimeoutMs: read.integer('lockTimeoutMs', lockTimeoutMs, 0, timerMsMax),
    signal: read.typed<AbortSignal>('signal', 'object'),
  }
}
