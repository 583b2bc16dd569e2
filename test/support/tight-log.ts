import type { EngineOptions, Transaction } from '../../lib/index.ts'
import { expectError } from './expect-error.ts'

/** A log that is soon full. */
export const tightLog: EngineOptions = {
  bufferPoolBytes: 16 * 4096,
  segmentBytes: 128 * 1024,
  bufferBytes: 64 * 1024,
  maxLogBytes: 5 * 128 * 1024,
  maxWalBytes: 64 * 1024,
  consistencyChecks: false,
}

/** Writes to a page that it holds until the log has no room; waits for nothing, so nothing makes any. */
export async function fillLog(tx: Transaction, pageId: number): Promise<void> {
  const page = await tx.page(pageId)
  await expectError('ERR_SEAWALL_LOG_FULL', () => {
    for (let i = 1; ; i++) tx.write(page, 0, Buffer.alloc(500, i))
  })
}
