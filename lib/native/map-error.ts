import { SeawallError } from '../errors.ts'
import type { NativeError } from './binding.ts'

/** The addon's failure as an Error. */
export function toSeawallError(error: NativeError): SeawallError {
  const { code, ...details } = error
  return new SeawallError(code, details)
}

/** ERR_SEAWALL_POISONED with the addon's first failure as its cause. */
export function toPoisonedError(first: NativeError | undefined): SeawallError {
  if (first === undefined) return new SeawallError('ERR_SEAWALL_POISONED')
  const cause = toSeawallError(first)
  return new SeawallError('ERR_SEAWALL_POISONED', { cause, detail: cause.message })
}
