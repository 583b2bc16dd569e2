// Goal: whoever meets an error finds it in docs/ERRORS.md, with every cause that there is in the code.
// Method: compares the sections with the list of codes, with the messages, and with the sources.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { errorCodes } from '../../lib/error-codes.ts'

const root = new URL('../..', import.meta.url).pathname
const read = (path: string): string => readFileSync(join(root, path), 'utf8')

function sources(...patterns: string[]): string[] {
  const args = ['ls-files', '-co', '--exclude-standard', ...patterns]
  const names = execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim().split('\n')
  return names.filter((name) => !/error-codes\.ts|status_codes\.def/.test(name)).map(read)
}

const handbook = read('docs/ERRORS.md')
const sections = new Map(
  handbook
    .split(/^## (?=ERR_SEAWALL_)/m)
    .slice(1)
    .map((text) => [/^\w+/.exec(text)?.[0] ?? '', text]),
)
const codes = Object.entries(errorCodes)

const parts = [
  /\*\*You see\*\*\n\n```\n(.+)\n```\n/,
  /\n\*\*Causes\*\*\n\n((?:- .+\n)+)/,
  /\n\*\*Your data\.\*\* (.+)\n/,
  /\n\*\*What to do\*\*\n\n((?:\d\. .+\n)+)/,
  /\n\*\*Do not\*\* ([a-z].+)\n/,
  /\n\*\*How to keep it from happening\.\*\* (.+)\n/,
]

test('every code -> a section with message, causes, state of the data, what to do and what not', () => {
  assert.equal([...sections.keys()].sort(), codes.map(([code]) => code).sort())
  for (const [code, text] of sections) {
    let from = 0
    for (const part of parts) {
      const match = part.exec(text.slice(from))
      assert.ok(match, `${code} lacks ${String(part)}, or not in this order`)
      assert.ok((match?.[1]?.trim().length ?? 0) > 10, `${code}: ${String(part)} is empty`)
      from += (match?.index ?? 0) + (match?.[0].length ?? 0) - 1
    }
  }
})

test('the message that a section shows -> the sentence of its code, and its remedy', () => {
  for (const [code, { what, remedy }] of codes) {
    const message = parts[0]?.exec(sections.get(code) ?? '')?.[1] ?? ''
    assert.ok(message.startsWith(what), `${code}: ${message}`)
    assert.ok(message.endsWith(` - ${remedy}`), `${code}: ${message}`)
    const rest = message.slice(what.length, -` - ${remedy}`.length)
    assert.match(rest, /^(: \S.*| \[.+\])?$/, code)
    for (const part of / \[([^[\]]+)\]$/.exec(rest)?.[1]?.split(', ') ?? []) {
      assert.match(part, /^([a-z_]+|errno \d+|\/\S+|page \d+|LSN \d+)$/, `${code}: ${part}`)
    }
  }
})

test('every code that the sources raise -> is in the list, and so in the handbook', () => {
  const enumerators = new Map(
    [...read('native/base/status_codes.def').matchAll(/\((k\w+), "(\w+)"/g)].map((m) => [
      m[1],
      m[2],
    ]),
  )
  for (const source of sources('native/*.cc', 'native/*.h')) {
    for (const [, name] of source.matchAll(/Code::(k\w+)/g)) {
      if (name !== 'kOk') assert.ok(sections.has(enumerators.get(name) ?? ''), name)
    }
  }
  for (const source of sources('lib/*.ts')) {
    for (const [, code = ''] of source.matchAll(/'(ERR_SEAWALL_\w+)'/g)) {
      assert.ok(sections.has(code), code)
    }
  }
})

/** What `Status::Error` says in words of its own; up to where a value follows. */
function detailsInNative(): [string, string][] {
  const names = new Map(
    [...read('native/base/status_codes.def').matchAll(/\((k\w+), "(\w+)"/g)].map((m) => [
      m[1],
      m[2],
    ]),
  )
  return sources('native/*.cc').flatMap((source) =>
    [...source.matchAll(/Code::(k\w+),\s*(?:std::string\()?"([^"]+)"/g)].map(
      ([, name, detail = '']): [string, string] => [names.get(name) ?? '', detail],
    ),
  )
}

// The lab shows crashes in a page of `seawall inspect`; its users open nothing.
const typeScriptSources = (): string[] => sources('lib/*.ts', ':!lib/lab')

/** The same of `new SeawallError`, with the words in place or in a constant before it. */
function detailsInTypeScript(): [string, string][] {
  const inPlace = /new SeawallError\('(\w+)', \{[^{}]*?\bdetail:\s*'([^']+)'/g
  const before = /detail = '([^']+)'\n.*new SeawallError\(\s*'(\w+)'/g
  return typeScriptSources().flatMap((source) => [
    ...[...source.matchAll(inPlace)].map((m): [string, string] => [m[1] ?? '', m[2] ?? '']),
    ...[...source.matchAll(before)].map((m): [string, string] => [m[2] ?? '', m[1] ?? '']),
  ])
}

test('every cause that the sources put into words -> is among the causes of its section', () => {
  const details = [...detailsInNative(), ...detailsInTypeScript()]
  assert.ok(details.length > 35, `${details.length} found`)
  for (const [code, detail] of details) {
    const section = (sections.get(code) ?? '').replaceAll(/\s+/g, ' ')
    assert.ok(section.includes(detail.trim().replace(/:$/, '')), `${code} lacks '${detail}'`)
  }
})

test('by symptom: every code stands in the tables that lead to it or is a mistake of one call', () => {
  const start = handbook.indexOf('## Which sentence do I have?')
  const bySymptom = handbook.slice(start, handbook.indexOf('## All codes'))
  const ofOneCall = new Set(
    ['LSN_OUT_OF_RANGE', 'LSN_TRUNCATED', 'LSN_EXHAUSTED', 'UNKNOWN_PAGE', 'OUTSIDE_PAGE']
      .concat(['PAGE_FULL', 'UNKNOWN_SLOT'])
      .map((name) => `ERR_SEAWALL_${name}`),
  )
  assert.ok(start > 0)
  for (const [code] of codes) {
    assert.is(bySymptom.includes(`(#${code.toLowerCase()})`), !ofOneCall.has(code), code)
  }
})

test('sentences in the table of a store that does not open -> are those of their codes', () => {
  const start = handbook.indexOf('**The store does not open**')
  const table = handbook.slice(start, handbook.indexOf('\n\nIt opens', start))
  const rows = [...table.matchAll(/^\| (.+?) \| \[`(ERR_SEAWALL_\w+)`\]\(#\w+\) \| .+ \|$/gm)]
  assert.ok(start > 0 && rows.length > 15, `${rows.length} rows`)
  for (const [, sentence = '', code = ''] of rows) {
    const { what } = errorCodes[code as keyof typeof errorCodes]
    assert.ok(what.startsWith(sentence.replace(/ …$/, '')), `${code}: ${sentence}`)
  }
})

test.run()
