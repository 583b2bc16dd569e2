import { SeawallError } from '../errors.ts'
import { userOperationMax, userOperationMin } from '../format/layout.ts'
import { show } from '../util/show.ts'
import {
  applyClearBit,
  applyTakeBit,
  clearBitOperation,
  takeBitOperation,
  undoClearBit,
  undoTakeBit,
} from './allocation-map.ts'
import { GuardedPage } from './guarded-page.ts'
import type { Compensation, Operation } from './operation.ts'
import type { PageContent } from './page-content.ts'
import {
  applyFormatPage,
  applySetPageType,
  formatPageOperation,
  setPageTypeOperation,
  undoFormatPage,
  undoSetPageType,
} from './page-type.ts'
import { slottedOperations } from './slotted-operations.ts'
import { applyWriteBytes, undoWriteBytes, writeBytesOperation } from './write-bytes.ts'

/** An operation as the engine runs it: built in, or of the user's. */
export interface RegisteredOperation {
  readonly number: number
  readonly name: string
  /** Redo of what `length` bytes at `at` in `source` say. Throws without having changed the page. */
  apply(page: PageContent, source: Uint8Array, at: number, length: number): void
  readonly undo: ((payload: Uint8Array) => Compensation) | undefined
  readonly logicalUndo: Operation['logicalUndo'] | undefined
  /** The user's: it may be wrong, so it is run on a copy of the page first. */
  readonly isUsers: boolean
}

type Apply = RegisteredOperation['apply']

function builtIn(
  number: number,
  name: string,
  apply: Apply,
  undo: (payload: Uint8Array) => Compensation,
): RegisteredOperation {
  return { number, name, apply, undo, logicalUndo: undefined, isUsers: false }
}

const engineOperations: readonly RegisteredOperation[] = [
  builtIn(writeBytesOperation, 'writeBytes', applyWriteBytes, undoWriteBytes),
  builtIn(formatPageOperation, 'formatPage', applyFormatPage, undoFormatPage),
  builtIn(setPageTypeOperation, 'setPageType', applySetPageType, undoSetPageType),
  builtIn(takeBitOperation, 'takeBit', applyTakeBit, undoTakeBit),
  builtIn(clearBitOperation, 'clearBit', applyClearBit, undoClearBit),
]

/** The name of the operation of the engine with this number; undefined: it is none of them. */
export function builtInOperationName(number: number): string | undefined {
  const engineOperation = engineOperations.find((operation) => operation.number === number)
  return engineOperation?.name ?? slottedOperations.get(number)?.name
}

/** What takes a change by an operation of the engine back; undefined: it is none of them. */
export function builtInUndo(number: number): ((payload: Uint8Array) => Compensation) | undefined {
  const engineOperation = engineOperations.find((operation) => operation.number === number)
  return engineOperation?.undo ?? slottedOperations.get(number)?.undo
}

/** Every operation that this engine can redo and undo, by number. */
export class OperationRegistry {
  readonly #operations = new Map<number, RegisteredOperation>()
  readonly #guarded: GuardedPage

  /**
   * `checksDeterminism`: run the user's operations twice and compare.
   *
   * @throws ERR_SEAWALL_INVALID_OPTION
   */
  constructor(
    users: Readonly<Record<number, Operation>>,
    bodyBytes: number,
    checksDeterminism: boolean,
  ) {
    this.#guarded = new GuardedPage(bodyBytes, checksDeterminism)
    for (const operation of engineOperations) this.#operations.set(operation.number, operation)
    for (const [number, operation] of slottedOperations) {
      this.#operations.set(number, this.#trusted(number, operation))
    }
    for (const [key, operation] of Object.entries(users)) {
      const number = checkedNumber(key)
      this.#operations.set(number, this.#users(number, checkedOperation(number, operation)))
    }
  }

  /** @throws ERR_SEAWALL_UNKNOWN_OPERATION */
  get(number: number): RegisteredOperation {
    const operation = this.#operations.get(number)
    if (operation === undefined) {
      throw new SeawallError('ERR_SEAWALL_UNKNOWN_OPERATION', { detail: `operation ${number}` })
    }
    return operation
  }

  #trusted(number: number, operation: Operation): RegisteredOperation {
    return {
      number,
      name: operation.name,
      apply: (page, source, at, length) =>
        operation.redo(page.body, source.subarray(at, at + length)),
      undo: operation.undo?.bind(operation),
      logicalUndo: operation.logicalUndo?.bind(operation),
      isUsers: false,
    }
  }

  #users(number: number, operation: Operation): RegisteredOperation {
    return {
      ...this.#trusted(number, operation),
      apply: (page, source, at, length) => {
        const payload = source.subarray(at, at + length)
        page.body.set(this.#guarded.run(operation, page.body, payload))
      },
      isUsers: true,
    }
  }
}

function checkedNumber(key: string): number {
  const number = Number(key)
  if (Number.isInteger(number) && number >= userOperationMin && number <= userOperationMax) {
    return number
  }
  throw new SeawallError('ERR_SEAWALL_INVALID_OPTION', {
    detail: `operations: numbers go from ${userOperationMin} to ${userOperationMax}, not ${key}`,
  })
}

function checkedOperation(number: number, operation: unknown): Operation {
  const { name, redo, undo, logicalUndo } = (operation ?? {}) as Partial<Operation>
  const isFunction = (value: unknown): boolean => typeof value === 'function'
  const isOptional = (value: unknown): boolean => value === undefined || isFunction(value)
  const isValid =
    typeof name === 'string' && isFunction(redo) && isOptional(undo) && isOptional(logicalUndo)
  if (isValid) return operation as Operation
  throw new SeawallError('ERR_SEAWALL_INVALID_OPTION', {
    detail: `operations[${number}] must be { name, redo, undo?, logicalUndo? }, not ${show(operation)}`,
  })
}
