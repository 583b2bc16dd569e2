import type { Log } from '../../lib/index.ts'
import { Messages } from './messages.ts'
import { decodeIds, decodeMoved, recordType } from './record-format.ts'

/**
 * The messages that were enqueued and not acknowledged, with what they were delivered. What refers
 * to a message that is not there belongs to one whose record has been truncated: it was done with,
 * or it has moved and its count stands in the record further on.
 */
export async function recoverMessages(log: Log): Promise<Messages> {
  const messages = new Messages()
  for await (const batch of log.read().batches()) {
    for (let i = 0; i < batch.count; i++) {
      const lsn = batch.lsn(i)
      switch (batch.type(i)) {
        case recordType.enqueued:
          messages.add(lsn, lsn, batch.bodyBytes(i))
          break
        case recordType.moved: {
          const { id, deliveries, body } = decodeMoved(batch.body(i))
          messages.add(id, lsn, body.length, deliveries)
          break
        }
        case recordType.delivered:
          for (const id of decodeIds(batch.body(i))) {
            const message = messages.get(id)
            if (message !== undefined) message.deliveries += 1
          }
          break
        case recordType.acknowledged:
          for (const id of decodeIds(batch.body(i))) messages.remove(id)
          break
        default:
          throw new Error(`record ${lsn} of type ${batch.type(i)} is none of a queue`)
      }
    }
  }
  return messages
}
