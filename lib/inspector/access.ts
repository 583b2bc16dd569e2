// Who may ask, and for what. The server is on the loopback address, but every page that the user's
// browser shows can send requests there, and every user of this machine can, too.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

const tokenBytes = 24

/** What nobody can guess: 192 random bits. */
export function newToken(): string {
  return randomBytes(tokenBytes).toString('base64url')
}

/** Compares in a time that says nothing about `token`. */
export function isToken(given: string, token: string): boolean {
  return timingSafeEqual(digestOf(given), digestOf(token))
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

/** What of a request decides whether it is served. */
export interface Asked {
  readonly method: string
  /** As it was sent: the path and the query. */
  readonly url: string
  readonly host: string | undefined
  readonly origin: string | undefined
  readonly fetchSite: string | undefined
  readonly contentType: string | undefined
}

export type Access =
  /** `path`: below the token, without a slash in front. */
  | { readonly path: string; readonly query: URLSearchParams }
  | { readonly refused: 403 | 404 | 405 | 415; readonly sentence: string }

const posts: ReadonlySet<string> = new Set(['lab/command', 'api/refresh'])

/** `port`: that the server listens on. */
export function accessOf(asked: Asked, port: number, token: string): Access {
  // A page of somebody else's whose name was made to lead here (DNS rebinding) sends that name.
  if (!isLoopbackName(asked.host, port)) return refusal(403, 'This server has another name.')
  const [, first = '', rest = '', search = ''] =
    /^\/([^/?]*)(?:\/([^?]*))?(?:\?(.*))?$/.exec(asked.url) ?? []
  if (!isToken(first, token)) return refusal(404, 'There is nothing here.')
  if (posts.has(rest)) return postAccess(asked, rest)
  if (asked.method !== 'GET') return refusal(405, 'Only GET is understood here.')
  return { path: rest, query: new URLSearchParams(search) }
}

function postAccess(asked: Asked, path: string): Access {
  if (asked.method !== 'POST') return refusal(405, 'Only POST is understood here.')
  if (!isOwnPage(asked)) return refusal(403, 'Only the page of this server may ask for that.')
  if (!/^application\/json\s*(;|$)/i.test(asked.contentType ?? '')) {
    return refusal(415, 'The request must be application/json.')
  }
  return { path, query: new URLSearchParams() }
}

function isLoopbackName(host: string | undefined, port: number): boolean {
  const names = ['127.0.0.1', 'localhost', '[::1]']
  return names.some((name) => host === `${name}:${port}` || (port === 80 && host === name))
}

// A browser says at least one of the two; whoever says none is no page.
function isOwnPage({ host, origin, fetchSite }: Asked): boolean {
  if (fetchSite !== undefined && fetchSite !== 'same-origin') return false
  if (origin !== undefined && origin !== `http://${host}`) return false
  return origin !== undefined || fetchSite !== undefined
}

function refusal(refused: 403 | 404 | 405 | 415, sentence: string): Access {
  return { refused, sentence }
}
