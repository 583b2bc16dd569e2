import { SeawallError } from '../../errors.ts'
import type { LSN } from '../../format/lsn.ts'

/** A whole number of a request. @throws ERR_SEAWALL_INVALID_ARGUMENT */
export function integerOf(
  query: URLSearchParams,
  name: string,
  fallback: number | undefined,
  max: number = Number.MAX_SAFE_INTEGER,
): number {
  const text = query.get(name)
  if (text === null && fallback !== undefined) return fallback
  const value = text !== null && /^\d{1,16}$/.test(text) ? Number(text) : NaN
  if (Number.isSafeInteger(value) && value <= max) return value
  throw new SeawallError('ERR_SEAWALL_INVALID_ARGUMENT', {
    detail: `${name} must be a whole number from 0 to ${max}`,
  })
}

/** @throws ERR_SEAWALL_INVALID_ARGUMENT */
export function lsnOf(query: URLSearchParams, name: string, fallback?: LSN): LSN {
  return integerOf(query, name, fallback) as LSN
}
