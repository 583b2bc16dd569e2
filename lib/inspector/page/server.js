// What the server says: lib/inspector/api.ts. Addresses are relative: the token stands in the path.

/**
 * @typedef {ReturnType<import('../views/summary.ts').summaryView>} Summary
 * @typedef {ReturnType<import('../views/summary.ts').indexView>} Index
 * @typedef {import('../views/records.ts').RecordsView} Records
 * @typedef {import('../views/record-row.ts').RecordRow | import('../views/record-row.ts').DamageRow} Row
 * @typedef {Exclude<Awaited<ReturnType<import('../views/one-record.ts').oneRecord>>, { lacking: string }>} OneRecord
 * @typedef {import('../views/window.ts').WindowView} WindowView
 * @typedef {Awaited<ReturnType<import('../views/tables.ts').tablesView>>} TablesAnswer
 * @typedef {Exclude<TablesAnswer, { lacking: string }>} Tables
 * @typedef {Awaited<ReturnType<import('../views/pages.ts').pagesView>>} PagesAnswer
 * @typedef {Exclude<PagesAnswer, { lacking: string }>} Pages
 * @typedef {Exclude<Awaited<ReturnType<import('../views/pages.ts').onePage>>, { lacking: string }>} OnePage
 * @typedef {Awaited<ReturnType<import('../views/restart.ts').restartView>>} RestartAnswer
 * @typedef {Exclude<RestartAnswer, { lacking: string }>} RestartPage
 * @typedef {RestartPage['steps'][number]} Step
 * @typedef {ReturnType<import('../views/restart.ts').restartSummaryView>} RestartSummaryAnswer
 * @typedef {Exclude<RestartSummaryAnswer, { lacking: string }>} RestartSummary
 */

/** The server answered, and not with what was asked for. */
export class ServerError extends Error {
  /** @param {string} code @param {string} message */
  constructor(code, message) {
    super(message)
    this.code = code
  }
}

/**
 * @param {string} view
 * @param {Record<string, number | undefined>} [query]
 * @param {AbortSignal} [signal]
 * @returns {Promise<any>}
 */
export async function ask(view, query = {}, signal) {
  const given = Object.entries(query).filter(([, value]) => value !== undefined)
  const search = new URLSearchParams(given.map(([name, value]) => [name, String(value)]))
  const options = signal === undefined ? {} : { signal }
  // The log was looked at again meanwhile: the new one has the answer.
  for (let attempt = 1; ; attempt++) {
    try {
      return await answerOf(fetch(`api/${view}?${search}`, options))
    } catch (error) {
      const isOld = error instanceof ServerError && error.code === 'ERR_SEAWALL_CLOSED'
      if (!isOld || attempt === 3) throw error
    }
  }
}

/** @param {string} path @param {unknown} body @returns {Promise<any>} */
export function post(path, body) {
  const headers = { 'Content-Type': 'application/json' }
  return answerOf(fetch(path, { method: 'POST', headers, body: JSON.stringify(body) }))
}

/** @param {unknown} error */
export function isAborted(error) {
  return error instanceof DOMException && error.name === 'AbortError'
}

/** @param {Promise<Response>} response */
async function answerOf(response) {
  const answered = await response.catch((error) => {
    if (isAborted(error)) throw error
    throw new ServerError('gone', 'The inspector has ended. Start it again and open its address.')
  })
  const value = await answered.json()
  if (!answered.ok) throw new ServerError(value.code, value.message)
  return value
}
