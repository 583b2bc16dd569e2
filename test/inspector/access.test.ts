// Goal: only who knows the address, from a page of this very server, is served.
// Method: the decision itself over what browsers and attackers send.
import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { type Access, accessOf, type Asked, isToken, newToken } from '../../lib/inspector/access.ts'

const port = 4711
const token = newToken()
const get: Asked = {
  method: 'GET',
  url: `/${token}/api/summary?lsn=8`,
  host: `127.0.0.1:${port}`,
  origin: undefined,
  fetchSite: undefined,
  contentType: undefined,
}
const post: Asked = {
  ...get,
  method: 'POST',
  url: `/${token}/lab/command`,
  origin: `http://127.0.0.1:${port}`,
  fetchSite: 'same-origin',
  contentType: 'application/json',
}

function refusedWith(asked: Asked): number | undefined {
  const access: Access = accessOf(asked, port, token)
  return 'refused' in access ? access.refused : undefined
}

test('the token -> at least 128 random bits, another one each time', () => {
  const tokens = new Set(Array.from({ length: 1000 }, newToken))
  assert.is(tokens.size, 1000)
  for (const each of tokens) {
    assert.match(each, /^[A-Za-z0-9_-]+$/)
    assert.ok(Buffer.from(each, 'base64url').length >= 16)
  }
})

test('the right token, and any other -> only the right one', () => {
  assert.ok(isToken(token, token))
  const others = ['', token.slice(1), `${token}a`, token.toLowerCase(), newToken(), 'é', '\0']
  for (const other of others.filter((each) => each !== token)) assert.not(isToken(other, token))
})

test('a request of the page -> served, with path and query', () => {
  const access = accessOf(get, port, token)
  assert.is('path' in access && access.path, 'api/summary')
  assert.is('query' in access && access.query.get('lsn'), '8')
  const root = accessOf({ ...get, url: `/${token}/` }, port, token)
  assert.is('path' in root && root.path, '')
})

test('no token, half of it, or it elsewhere -> 404', () => {
  const urls = [
    '/',
    '',
    '*',
    `/${token.slice(0, 10)}/`,
    '/api/summary',
    `/x/${token}/`,
    `//${token}/`,
  ]
  for (const url of [
    ...urls,
    `/${encodeURIComponent(`${token}/..`)}`,
    `/?${token}`,
    '/%00/',
    '/../',
  ]) {
    assert.is(refusedWith({ ...get, url }), 404, url)
  }
})

test('another Host: DNS rebinding -> 403, whatever else is right', () => {
  const hosts = [
    'evil.example',
    `evil.example:${port}`,
    '127.0.0.1',
    `127.0.0.1:${port + 1}`,
    undefined,
  ]
  for (const host of [...hosts, '', `127.0.0.1.evil.example:${port}`, `0.0.0.0:${port}`]) {
    assert.is(refusedWith({ ...get, host }), 403, host)
    assert.is(refusedWith({ ...post, host, origin: `http://${host}` }), 403, host)
  }
  for (const host of [`localhost:${port}`, `[::1]:${port}`]) {
    assert.is(refusedWith({ ...get, host }), undefined, host)
  }
  assert.is('refused' in accessOf({ ...get, host: '127.0.0.1' }, 80, token), false)
})

test('methods -> GET to look, POST for the two that do something, nothing else', () => {
  for (const method of ['POST', 'PUT', 'DELETE', 'HEAD', 'OPTIONS', 'PATCH', 'TRACE', '']) {
    assert.is(refusedWith({ ...get, method }), 405, method)
  }
  for (const path of ['lab/command', 'api/refresh']) {
    for (const method of ['GET', 'PUT', 'OPTIONS', 'HEAD']) {
      assert.is(refusedWith({ ...post, url: `/${token}/${path}`, method }), 405, method)
    }
    assert.is(refusedWith({ ...post, url: `/${token}/${path}` }), undefined)
  }
})

test('a POST of another page -> 403', () => {
  const others: Partial<Asked>[] = [
    { origin: 'http://evil.example' },
    { origin: 'null', fetchSite: undefined },
    { origin: `http://127.0.0.1:${port + 1}` },
    { origin: `https://127.0.0.1:${port}` },
    { fetchSite: 'cross-site' },
    { fetchSite: 'same-site' },
    { fetchSite: 'none', origin: undefined },
    // A form or a program: it says neither.
    { origin: undefined, fetchSite: undefined },
  ]
  for (const other of others)
    assert.is(refusedWith({ ...post, ...other }), 403, JSON.stringify(other))
  assert.is(refusedWith({ ...post, origin: undefined }), undefined)
  assert.is(refusedWith({ ...post, fetchSite: undefined }), undefined)
})

test('a POST that a form could send -> 415', () => {
  for (const contentType of [
    undefined,
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/jsonx',
  ]) {
    assert.is(refusedWith({ ...post, contentType }), 415, contentType)
  }
  assert.is(refusedWith({ ...post, contentType: 'application/json; charset=utf-8' }), undefined)
})

test.run()
