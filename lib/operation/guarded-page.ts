import { SeawallError } from '../errors.ts'
import type { Operation } from './operation.ts'

// Bytes before and behind the copy that nobody may touch.
const guardBytes = 64
const guardByte = 0xa5

/**
 * Runs a user's redo on a copy of the page, so that one that throws or writes elsewhere has changed
 * nothing. The copy has memory of its own: nothing but the page can be reached through it.
 */
export class GuardedPage {
  readonly #bodyBytes: number
  readonly #checksDeterminism: boolean
  readonly #memory: Uint8Array
  readonly #body: Uint8Array
  readonly #firstResult: Uint8Array

  constructor(bodyBytes: number, checksDeterminism: boolean) {
    this.#bodyBytes = bodyBytes
    this.#checksDeterminism = checksDeterminism
    this.#memory = new Uint8Array(bodyBytes + 2 * guardBytes).fill(guardByte)
    this.#body = this.#memory.subarray(guardBytes, guardBytes + bodyBytes)
    this.#firstResult = new Uint8Array(checksDeterminism ? bodyBytes : 0)
  }

  /**
   * The body as `redo` leaves it; good until the next call.
   *
   * @throws ERR_SEAWALL_OPERATION_FAILED, ERR_SEAWALL_REDO_MISMATCH
   */
  run(operation: Operation, body: Uint8Array, payload: Uint8Array): Uint8Array {
    const changed = this.#runOnce(operation, body, payload)
    if (!this.#checksDeterminism) return changed
    this.#firstResult.set(changed)
    const again = this.#runOnce(operation, body, payload)
    if (Buffer.compare(this.#firstResult, again) !== 0) {
      throw new SeawallError('ERR_SEAWALL_REDO_MISMATCH', {
        detail: `operation ${operation.name} gives another page each time`,
      })
    }
    return again
  }

  #runOnce(operation: Operation, body: Uint8Array, payload: Uint8Array): Uint8Array {
    this.#body.set(body)
    try {
      // A view of its own: `redo` may do anything with it.
      const view = new Uint8Array(this.#memory.buffer, guardBytes, this.#bodyBytes)
      operation.redo(view, payload)
    } catch (cause) {
      this.#memory.fill(guardByte)
      throw new SeawallError('ERR_SEAWALL_OPERATION_FAILED', {
        detail: `redo of ${operation.name} threw`,
        cause,
      })
    }
    if (!this.#guardsAreWhole()) {
      this.#memory.fill(guardByte)
      throw new SeawallError('ERR_SEAWALL_OPERATION_FAILED', {
        detail: `redo of ${operation.name} wrote outside the page`,
      })
    }
    return this.#body
  }

  #guardsAreWhole(): boolean {
    const end = guardBytes + this.#bodyBytes
    for (let i = 0; i < guardBytes; i++) {
      if (this.#memory[i] !== guardByte || this.#memory[end + i] !== guardByte) return false
    }
    return true
  }
}
