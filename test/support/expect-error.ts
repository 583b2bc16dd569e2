import * as assert from 'uvu/assert'

import { type ErrorCode, SeawallError } from '../../lib/index.ts'

/** Checks that `action` throws or rejects with a SeawallError of this code, and returns it. */
export async function expectError(code: ErrorCode, action: () => unknown): Promise<SeawallError> {
  try {
    await action()
  } catch (error) {
    assert.instance(error, SeawallError, `not a SeawallError: ${String(error)}`)
    assert.is((error as SeawallError).code, code, String(error))
    return error as SeawallError
  }
  throw new Error(`expected ${code}, but nothing was thrown`)
}
