import { resolve as resolvePath } from 'node:path'

import { SeawallError } from '../errors.ts'
import { isLSN, type LSN } from '../format/lsn.ts'
import type { Durability } from '../options.ts'
import { show } from '../util/show.ts'
import type { CommitOptions } from './log-types.ts'

/** The bytes of a body that is not a Uint8Array. */
export function bytesOf(body: unknown): Uint8Array {
  if (ArrayBuffer.isView(body)) return new Uint8Array(body.buffer, body.byteOffset, body.byteLength)
  if (body instanceof ArrayBuffer) return new Uint8Array(body)
  throw new SeawallError('ERR_SEAWALL_INVALID_ARGUMENT', {
    detail: `a body must be a Buffer, a typed array or an ArrayBuffer, not ${typeof body}`,
  })
}

/** `type` when it is 0 to 65535, 0 when it is not given. */
export function checkedType(type: unknown): number {
  if (type === undefined) return 0
  if (Number.isInteger(type) && (type as number) >= 0 && (type as number) <= 0xffff)
    return type as number
  throw new SeawallError('ERR_SEAWALL_INVALID_ARGUMENT', {
    detail: `type must be 0 to 65535, not ${show(type)}`,
  })
}

/** The absolute path of a directory. */
export function pathOf(directory: unknown): string {
  if (typeof directory === 'string' && directory !== '' && !directory.includes('\0')) {
    return resolvePath(directory)
  }
  throw new SeawallError('ERR_SEAWALL_INVALID_ARGUMENT', { detail: 'directory must be a path' })
}

/** Checks that `lsn` is a number that can be an LSN. */
export function checkLSN(lsn: unknown): asserts lsn is LSN {
  if (isLSN(lsn)) return
  throw new SeawallError('ERR_SEAWALL_INVALID_ARGUMENT', { detail: `not an LSN: ${show(lsn)}` })
}

/** What a commit waits for: its own choice, or the log's. */
export function durabilityOf(
  options: CommitOptions | undefined,
  log: { readonly durability: Durability },
): Durability {
  const durability = options?.durability ?? log.durability
  if (durability === 'flush' || durability === 'async') return durability
  throw new SeawallError('ERR_SEAWALL_INVALID_ARGUMENT', {
    detail: `durability must be 'flush' or 'async', not ${show(durability)}`,
  })
}
