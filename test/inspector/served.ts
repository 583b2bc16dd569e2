// Servers on directories, and what is asked of them.
import * as assert from 'uvu/assert'

import { Inspector } from '../../lib/inspector/inspector.ts'

const opened: Inspector[] = []

/** Answers are looked into field by field. */
export type Json = any

export async function inspect(directory?: string): Promise<Inspector> {
  const inspector = await Inspector.open(directory === undefined ? {} : { directory })
  opened.push(inspector)
  return inspector
}

/** Ends those that `inspect` has begun. */
export async function endAll(): Promise<void> {
  for (const inspector of opened.splice(0)) await inspector.close()
}

export function portOf({ address }: Inspector): number {
  return Number(new URL(address).port)
}

export async function ask(inspector: Inspector, view: string): Promise<Json> {
  const response = await fetch(`${inspector.address}api/${view}`)
  const value = (await response.json()) as Json
  assert.is(response.status, 200, `${view}: ${JSON.stringify(value)}`)
  return value
}

/** The index, when it is complete. */
export async function indexed(inspector: Inspector): Promise<Json> {
  for (;;) {
    const index = await ask(inspector, 'index')
    if (index.isComplete === true) return index
    await new Promise((done) => setTimeout(done, 10))
  }
}

/** As the page does. */
export function post(
  inspector: Inspector,
  path: string,
  body: string,
  headers = {},
): Promise<Response> {
  const { origin } = new URL(inspector.address)
  const usual = { 'Content-Type': 'application/json', Origin: origin }
  return fetch(inspector.address + path, {
    method: 'POST',
    body,
    headers: { ...usual, ...headers },
  })
}
