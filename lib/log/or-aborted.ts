import { SeawallError } from '../errors.ts'

/**
 * `promise`, or ERR_SEAWALL_ABORTED (with the signal's reason as cause) when `signal` is aborted
 * first. A promise that is given
 * up on does not become an unhandled rejection.
 */
export function orAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise
  promise.catch(() => {})
  return new Promise((resolve, reject) => {
    const onAbort = (): void =>
      reject(new SeawallError('ERR_SEAWALL_ABORTED', { cause: signal.reason }))
    if (signal.aborted) return onAbort()
    signal.addEventListener('abort', onAbort, { once: true })
    const done = (): void => signal.removeEventListener('abort', onAbort)
    promise.then(
      (value) => {
        done()
        resolve(value)
      },
      (error: unknown) => {
        done()
        reject(error)
      },
    )
  })
}
