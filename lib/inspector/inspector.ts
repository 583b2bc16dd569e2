import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { SeawallError } from '../errors.ts'
import { type Access, accessOf, newToken } from './access.ts'
import { answer, answerFailure, answerJson } from './answers.ts'
import { viewOf } from './api.ts'
import { InspectedLog } from './inspected-log.ts'
import { BodyTooLarge, LabEndpoint } from './lab-endpoint.ts'
import { type PageFile, pageFiles } from './page-files.ts'

export interface InspectorOptions {
  /** The log or store to look at; undefined: there is only the lab. */
  readonly directory?: string
  /** Default 0: any that is free. */
  readonly port?: number
}

/**
 * A page about a log, for the browser of this machine. Looks at the log as LogSurvey does: without its
 * lock, and without changing a byte. Only who knows `address` gets an answer.
 */
export class Inspector {
  readonly address: string
  readonly #server: Server
  readonly #port: number
  readonly #token: string
  readonly #files: ReadonlyMap<string, PageFile>
  readonly #scratchRoot: string
  readonly #lab: LabEndpoint
  #log: InspectedLog | undefined
  #refreshing: Promise<unknown> | undefined
  #closing: Promise<void> | undefined

  private constructor(server: Server, token: string, scratchRoot: string, log?: InspectedLog) {
    this.#server = server
    this.#token = token
    this.#files = pageFiles()
    this.#scratchRoot = scratchRoot
    this.#lab = new LabEndpoint(scratchRoot)
    this.#log = log
    this.#port = (server.address() as AddressInfo).port
    this.address = `http://127.0.0.1:${this.#port}/${token}/`
    server.on('request', (request, response) => void this.#serve(request, response))
  }

  /**
   * Looks at the log and begins to serve, at 127.0.0.1 and nowhere else.
   *
   * @throws what LogSurvey.open throws; ERR_SEAWALL_IO when the port is taken
   */
  static async open(options: InspectorOptions = {}): Promise<Inspector> {
    const { directory, port = 0 } = options
    const log = directory === undefined ? undefined : await InspectedLog.open(directory)
    let scratchRoot: string | undefined
    try {
      scratchRoot = await mkdtemp(join(tmpdir(), 'seawall-inspect-'))
      const server = await listening(port)
      return new Inspector(server, newToken(), scratchRoot, log)
    } catch (error) {
      if (scratchRoot !== undefined) await rm(scratchRoot, { recursive: true, force: true })
      await log?.close()
      throw error
    }
  }

  /** Ends every answer that is under way, and lets everything go. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    const closed = new Promise((done) => this.#server.close(done))
    this.#server.closeAllConnections()
    await Promise.all([closed, this.#lab.close(), this.#refreshing?.catch(() => {})])
    await this.#log?.close()
    await rm(this.#scratchRoot, { recursive: true, force: true })
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const access = accessOf(
      {
        method: request.method ?? '',
        url: request.url ?? '',
        host: request.headers.host,
        origin: request.headers.origin,
        fetchSite: request.headers['sec-fetch-site'] as string | undefined,
        contentType: request.headers['content-type'],
      },
      this.#port,
      this.#token,
    )
    try {
      if ('refused' in access) refuse(response, access.refused, access.sentence)
      else await this.#route(access, request, response)
    } catch (error) {
      if (response.headersSent || response.destroyed) response.destroy()
      else if (error instanceof BodyTooLarge) refuse(response, 413, error.message)
      else answerFailure(response, error)
    }
  }

  async #route(
    { path, query }: Extract<Access, { path: string }>,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const file = this.#files.get(path)
    if (file !== undefined) return answer(response, 200, file.contentType, file.bytes)
    if (path === 'lab/command') {
      return answerJson(response, 200, await this.#lab.command(request))
    }
    if (path === 'lab/events') return this.#lab.events(response)
    if (path === 'api/refresh') return answerJson(response, 200, await this.#refresh())
    const view = path.startsWith('api/') ? viewOf(path.slice('api/'.length)) : undefined
    if (view === undefined) return refuse(response, 404, 'There is nothing here.')
    // Nobody waits for the answer any more: long looks end.
    const gone = new AbortController()
    response.on('close', () => gone.abort())
    const work = async (log: InspectedLog): Promise<unknown> => view(log, query, gone.signal)
    const value = await (this.#log?.using(work) ?? { isLabOnly: true })
    answerJson(response, 200, value)
  }

  // Those who ask at the same time get the same look.
  #refresh(): Promise<unknown> {
    this.#refreshing ??= this.#lookAgain().finally(() => {
      this.#refreshing = undefined
    })
    return this.#refreshing
  }

  async #lookAgain(): Promise<unknown> {
    const before = this.#log
    if (before === undefined) return { isLabOnly: true }
    this.#log = await InspectedLog.open(before.survey.directory)
    void before.retire()
    return { lookedAtMs: this.#log.lookedAtMs }
  }
}

function refuse(response: ServerResponse, status: number, sentence: string): void {
  const headers = status === 405 ? { Allow: 'GET' } : {}
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
  // What is left of a request that is not wanted is not read.
  if (status === 413) response.setHeader('Connection', 'close')
  answerJson(response, status, { code: 'refused', message: sentence })
}

function listening(port: number): Promise<Server> {
  const server = createServer({ requestTimeout: 60_000 })
  return new Promise((done, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(portError(error, port)))
    server.listen({ host: '127.0.0.1', port, exclusive: true }, () => done(server))
  })
}

function portError(error: NodeJS.ErrnoException, port: number): SeawallError {
  const { errno = 0, syscall = 'listen', code } = error
  const detail =
    code === 'EADDRINUSE' ? `port ${port} is in use; choose another one` : error.message
  return new SeawallError('ERR_SEAWALL_IO', { detail, errno: Math.abs(errno), syscall })
}
