import { type ErrorCode, errorCodes } from './error-codes.ts'

export type { ErrorCode } from './error-codes.ts'

/** What else is known about a failure. */
export interface ErrorDetails {
  /** What exactly, beyond the general sentence of the code. */
  detail?: string
  /** The operating system's error number. */
  errno?: number
  /** The system call that failed. */
  syscall?: string
  /** The file or directory that it is about. */
  path?: string
  /** Where in the log. */
  lsn?: number
  /** Which page. */
  page?: number
  /** The failure behind this one. */
  cause?: unknown
}

/**
 * Every failure that Seawall reports. `code` says which kind, the message says what happened and
 * what to do;
 * docs/ERRORS.md has a section for each code.
 */
export class SeawallError extends Error {
  /** Always `SeawallError`: it tells also where there are two copies of the class. */
  override readonly name = 'SeawallError'
  /** What happened; codes never change their meaning. */
  readonly code: ErrorCode
  /** What exactly, beyond the general sentence of the code; part of the message. */
  readonly detail?: string
  /** The operating system's error number, where a system call failed. */
  readonly errno?: number
  /** The system call that failed. */
  readonly syscall?: string
  /** The file or directory that it is about. */
  readonly path?: string
  /** Where in the log. */
  readonly lsn?: number
  /** Which page. */
  readonly page?: number

  /** The message is made of the code's sentence and of `details`; for tests of your own. */
  constructor(code: ErrorCode, details: ErrorDetails = {}) {
    super(
      messageOf(code, details),
      details.cause === undefined ? undefined : { cause: details.cause },
    )
    this.code = code
    if (details.detail !== undefined) this.detail = details.detail
    if (details.errno !== undefined) this.errno = details.errno
    if (details.syscall !== undefined) this.syscall = details.syscall
    if (details.path !== undefined) this.path = details.path
    if (details.lsn !== undefined) this.lsn = details.lsn
    if (details.page !== undefined) this.page = details.page
  }
}

function messageOf(code: ErrorCode, details: ErrorDetails): string {
  const { what, remedy } = errorCodes[code]
  const place = [
    details.syscall === undefined ? '' : `${details.syscall}, errno ${details.errno ?? 0}`,
    details.path ?? '',
    details.page === undefined ? '' : `page ${details.page}`,
    details.lsn === undefined ? '' : `LSN ${details.lsn}`,
  ].filter((part) => part !== '')
  const detail = details.detail === undefined || details.detail === '' ? '' : `: ${details.detail}`
  return `${what}${detail}${place.length > 0 ? ` [${place.join(', ')}]` : ''} - ${remedy}`
}
