// Goal: the server answers nobody but its page, keeps everything at home, and leaves nothing behind.
// Method: real servers, asked with fetch and with raw bytes.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'

import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { Inspector } from '../../lib/inspector/inspector.ts'
import { expectError } from '../support/expect-error.ts'
import { rawRequest } from './raw-request.ts'
import { crashedStore, plainLog } from './sample-stores.ts'
import { ask, endAll, inspect, type Json, portOf, post } from './served.ts'

test.after.each(endAll)

test('every file of the page -> its type, and headers that keep everything at home', async () => {
  const inspector = await inspect(await plainLog(5))
  const page = await (await fetch(inspector.address)).text()
  assert.match(page, /<!doctype html>/i)
  const types: Record<string, RegExp> = {
    '': /^text\/html/,
    'main.js': /^text\/javascript/,
    'style.css': /^text\/css/,
    'icon.svg': /^image\/svg\+xml/,
    'log/time-line.js': /^text\/javascript/,
    'lab/lab.js': /^text\/javascript/,
    'api/summary': /^application\/json/,
    'api/nothing': /^application\/json/,
  }
  for (const [path, type] of Object.entries(types)) {
    const { status, headers } = await fetch(inspector.address + path)
    assert.is(status, path === 'api/nothing' ? 404 : 200, path)
    assert.match(headers.get('content-type') ?? '', type)
    assert.match(headers.get('content-security-policy') ?? '', /^default-src 'self'/)
    assert.is(headers.get('referrer-policy'), 'no-referrer')
    assert.is(headers.get('cache-control'), 'no-store')
    assert.is(headers.get('x-content-type-options'), 'nosniff')
    assert.is(headers.get('access-control-allow-origin'), null)
  }
  // What the page names is there, and nothing of it is elsewhere.
  const root = new URL('../../lib/inspector/page/', import.meta.url).pathname
  for (const name of readdirSync(root, { recursive: true }) as string[]) {
    if (!/\.(js|css|html)$/.test(name)) continue
    const text = readFileSync(join(root, name), 'utf8')
    assert.not.match(text.replaceAll('http://www.w3.org/2000/svg', ''), /https?:\/\//, name)
  }
})

test('without the token, another Host, other methods -> refused on the wire', async () => {
  const inspector = await inspect(await plainLog(5))
  const port = portOf(inspector)
  const { pathname } = new URL(inspector.address)
  const host = `127.0.0.1:${port}`
  const request = (line: string, name = host): Promise<{ status: number; body: string }> =>
    rawRequest(port, `${line} HTTP/1.1\r\nHost: ${name}\r\nConnection: close\r\n\r\n`)
  assert.is((await request(`GET ${pathname}api/summary`)).status, 200)
  assert.is((await request('GET /')).status, 404)
  assert.is((await request('GET /favicon.ico')).status, 404)
  assert.is((await request(`GET ${pathname}api/summary`, 'evil.example')).status, 403)
  assert.is((await request(`DELETE ${pathname}api/summary`)).status, 405)
  assert.is((await request(`GET ${pathname}lab/command`)).status, 405)
  // The token is in none of the refusals.
  const token = pathname.replaceAll('/', '')
  assert.not.match((await request('GET /x')).body, new RegExp(token))
})

test('paths that try to leave the page -> 404, nothing of the file system', async () => {
  const inspector = await inspect(await plainLog(5))
  const port = portOf(inspector)
  const { pathname } = new URL(inspector.address)
  const paths = [
    ...['../package.json', '..%2fpackage.json', '%2e%2e/inspector.ts', '....//inspector.ts'],
    ...[
      'lab/../../inspector.ts',
      'lab/..%2f..%2finspector.ts',
      '/etc/passwd',
      '%00',
      'index.html/..',
    ],
    ...[
      '..\\..\\inspector.ts',
      'api/../main.js',
      'lab/lab.js/',
      './main.js',
      'MAIN.JS',
      'api/constructor',
    ],
    ...['api/__proto__', '__proto__', 'api/', 'log', 'log/'],
  ]
  for (const path of paths) {
    const { status, body } = await rawRequest(
      port,
      `GET ${pathname}${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: close\r\n\r\n`,
    )
    assert.is(status, 404, path)
    assert.not.match(body, /import|root:/)
  }
})

test('the address -> 127.0.0.1 and no other interface', async () => {
  const inspector = await inspect(await plainLog(5))
  assert.match(inspector.address, /^http:\/\/127\.0\.0\.1:\d+\/[\w-]{22,}\/$/)
  const others = Object.values(networkInterfaces())
    .flat()
    .filter((each) => each !== undefined && each.family === 'IPv4' && !each.internal)
  for (const other of others) {
    const reached = await fetch(`http://${other?.address}:${portOf(inspector)}/`).then(
      () => true,
      () => false,
    )
    assert.not(reached, other?.address)
  }
  // Nobody listens on all addresses: another server can take the same port on another one.
  const server: Server = createServer()
  await new Promise<void>((done, reject) => {
    server.once('error', reject)
    server.listen(portOf(inspector), '127.0.0.2', done)
  })
  server.close()
})

test('commands to the lab -> its states; what is no command, 400; what is too large, 413', async () => {
  const inspector = await inspect()
  assert.equal(await ask(inspector, 'summary'), { isLabOnly: true })
  const state = await post(inspector, 'lab/command', '{"do":"state"}')
  assert.is(state.status, 200)
  assert.is(((await state.json()) as Json).phase, 'running')
  for (const body of ['', 'not JSON', '[]', '{"do":"rm -rf"}', '{"do":"step","more":1}', 'null']) {
    assert.is((await post(inspector, 'lab/command', body)).status, 400, body)
  }
  const large = await post(inspector, 'lab/command', JSON.stringify({ do: 'x'.repeat(100_000) }))
  assert.is(large.status, 413)
  assert.is((await post(inspector, 'lab/command', '{}', { Origin: 'http://evil' })).status, 403)
  assert.is(
    (await post(inspector, 'lab/command', '{}', { 'Content-Type': 'text/plain' })).status,
    415,
  )
})

test('who listens to the lab -> is told of each state, and nobody is told more than 16 at a time', async () => {
  const inspector = await inspect()
  const streams = await Promise.all(
    Array.from({ length: 16 }, () => fetch(`${inspector.address}lab/events`)),
  )
  assert.is((await fetch(`${inspector.address}lab/events`)).status, 400)
  const [first] = streams
  assert.match(first?.headers.get('content-type') ?? '', /^text\/event-stream/)
  const reader = first?.body?.getReader()
  await post(inspector, 'lab/command', '{"do":"step"}')
  const { value } = (await reader?.read()) ?? {}
  const text = Buffer.from(value ?? []).toString()
  assert.match(text, /^data: \{/)
  assert.is(JSON.parse(text.split('\n')[0]?.slice(6) ?? '').tick > 0, true)
  const closing = inspector.close()
  for (const stream of streams) await stream.body?.cancel().catch(() => {})
  await closing
})

test('closing -> ends what is under way, frees the port, leaves no scratch directory', async () => {
  const before = scratchDirectories()
  const inspector = await Inspector.open({ directory: await crashedStore(58) })
  const port = portOf(inspector)
  const [, scratch = ''] = [before, scratchDirectories().find((each) => !before.includes(each))]
  assert.ok(existsSync(scratch))
  await fetch(`${inspector.address}lab/events`)
  await post(inspector, 'lab/command', '{"do":"step"}')
  const asked = fetch(`${inspector.address}api/restart?step=0`).catch(() => 'cut off')
  const began = Date.now()
  await Promise.all([inspector.close(), inspector.close()])
  assert.ok(Date.now() - began < 3000)
  await asked
  assert.not(existsSync(scratch))
  const again = await Inspector.open({ port })
  assert.is(portOf(again), port)
  await again.close()
})

function scratchDirectories(): string[] {
  return readdirSync(tmpdir())
    .filter((name) => name.startsWith('seawall-inspect-'))
    .map((name) => join(tmpdir(), name))
}

test('what cannot be opened -> the error of the survey; a port in use -> a sentence', async () => {
  const empty = mkdtempSync(join(tmpdir(), 'seawall-test-'))
  const file = join(empty, 'file')
  writeFileSync(file, 'text')
  try {
    await expectError('ERR_SEAWALL_NOT_FOUND', () =>
      Inspector.open({ directory: join(empty, 'no') }),
    )
    await expectError('ERR_SEAWALL_NOT_A_LOG', () => Inspector.open({ directory: empty }))
    await expectError('ERR_SEAWALL_NOT_A_LOG', () => Inspector.open({ directory: file }))
  } finally {
    rmSync(empty, { recursive: true })
  }
  const inspector = await inspect()
  const before = scratchDirectories()
  const port = portOf(inspector)
  const error = await expectError('ERR_SEAWALL_IO', () => Inspector.open({ port }))
  assert.match(error.message, new RegExp(`port ${port} is in use`))
  assert.equal(scratchDirectories(), before)
})

test.run()
