import type { ServerResponse } from 'node:http'

import { SeawallError } from '../errors.ts'

/** For every answer: nothing is loaded from elsewhere, kept, framed, guessed, or told to others. */
const headers = {
  'Content-Security-Policy':
    "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'Referrer-Policy': 'no-referrer',
  'Cache-Control': 'no-store',
  'X-Content-Type-Options': 'nosniff',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cross-Origin-Opener-Policy': 'same-origin',
} as const

/** What the page is told of a failure. */
export interface FailureAnswer {
  readonly code: string
  readonly message: string
}

export function answer(
  response: ServerResponse,
  status: number,
  contentType: string,
  body: string | Uint8Array,
): void {
  const length = { 'Content-Length': Buffer.byteLength(body) }
  response.writeHead(status, { ...headers, 'Content-Type': contentType, ...length })
  response.end(body)
}

export function answerJson(response: ServerResponse, status: number, value: unknown): void {
  answer(response, status, 'application/json; charset=utf-8', JSON.stringify(value, bytesAsBase64))
}

function bytesAsBase64(_key: string, value: unknown): unknown {
  if (!(value instanceof Uint8Array)) return value
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64')
}

/** Begins an answer that goes on. */
export function beginEvents(response: ServerResponse): void {
  response.writeHead(200, { ...headers, 'Content-Type': 'text/event-stream; charset=utf-8' })
  response.flushHeaders()
}

export function answerFailure(response: ServerResponse, error: unknown): void {
  const { status, failure } = failureOf(error)
  answerJson(response, status, failure)
}

/** Pure. Of a failure that nobody has foreseen the page learns only that there was one. */
export function failureOf(error: unknown): { status: number; failure: FailureAnswer } {
  if (!(error instanceof SeawallError)) {
    const message = 'The inspector failed; this is a defect of Seawall.'
    return { status: 500, failure: { code: 'internal', message } }
  }
  const { code, message } = error
  return { status: statusOf(code), failure: { code, message } }
}

function statusOf(code: string): number {
  switch (code) {
    case 'ERR_SEAWALL_INVALID_ARGUMENT':
      return 400
    case 'ERR_SEAWALL_NOT_FOUND':
    case 'ERR_SEAWALL_LSN_OUT_OF_RANGE':
    case 'ERR_SEAWALL_LSN_TRUNCATED':
    case 'ERR_SEAWALL_UNKNOWN_PAGE':
      return 404
    case 'ERR_SEAWALL_PERMISSION':
      return 403
    // True of the files, or of this moment: the server is well.
    case 'ERR_SEAWALL_CLOSED':
    case 'ERR_SEAWALL_ABORTED':
    case 'ERR_SEAWALL_NOT_A_LOG':
    case 'ERR_SEAWALL_CORRUPT_LOG':
    case 'ERR_SEAWALL_CORRUPT_STORE':
    case 'ERR_SEAWALL_LOG_MISMATCH':
    case 'ERR_SEAWALL_UNSUPPORTED_FORMAT':
      return 409
    default:
      return 500
  }
}
