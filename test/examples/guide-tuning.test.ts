// Goal: TUNING.md names every option of Log.open and Engine.open, none that does not exist, and the
// defaults that the code has; every statistic and every link that it names exists.
// Method: its tables against the interfaces in the source, the resolved defaults, and real handles.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { resolveEngineOptions } from '../../lib/engine/engine-options.ts'
import { Engine, Log } from '../../lib/index.ts'
import { resolveLogOptions } from '../../lib/options.ts'
import { expectError } from '../support/expect-error.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const root = new URL('../..', import.meta.url).pathname
const read = (path: string): string => readFileSync(join(root, path), 'utf8')
const tuning = read('docs/TUNING.md')

function section(heading: string): string {
  const start = tuning.indexOf(`\n## ${heading}\n`)
  assert.ok(start > 0, heading)
  const end = tuning.indexOf('\n## ', start + 1)
  return tuning.slice(start, end < 0 ? undefined : end)
}

/** Rows of the table in a section: option and default. */
function rowsOf(text: string): Map<string, string> {
  const rows = text.matchAll(/^\| `(\w+)` \| ([^|]+) \|/gm)
  return new Map([...rows].map(([, name = '', value = '']) => [name, value.trim()]))
}

function membersOf(path: string, name: string): string[] {
  const body = new RegExp(`export interface ${name}\\b[^{]*{\\n([\\s\\S]+?)\\n}`).exec(read(path))
  const members = [...(body?.[1] ?? '').matchAll(/^ {2}(\w+)\?:/gm)].map((match) => match[1] ?? '')
  assert.ok(members.length > 5, `${name} in ${path}`)
  return members
}

const logOptions = membersOf('lib/options.ts', 'LogOptions')
const engineOptions = membersOf('lib/engine/engine-options.ts', 'EngineOptions')
const passedOn = [...read('lib/engine/engine-options.ts').matchAll(/^ {2}\| '(\w+)'$/gm)].map(
  (match) => match[1] ?? '',
)
const logSection = section('Options of `Log.open`')
const engineSection = section('Options of `Engine.open`')

test('every option has a row, every row is an option', () => {
  assert.equal([...rowsOf(logSection).keys()].sort(), [...logOptions].sort())
  assert.equal([...rowsOf(engineSection).keys()].sort(), [...engineOptions].sort())
  const intro = engineSection.slice(0, engineSection.indexOf('|'))
  const named = [...intro.matchAll(/`(\w+)`/g)].map((match) => match[1] ?? '')
  assert.ok(passedOn.length > 5)
  assert.equal(named.sort(), [...passedOn].sort())
})

test('every row -> the option is accepted by name', async () => {
  // An unknown name is refused before the directory is looked at.
  const nowhere = join(temporaryDirectory(), 'no', 'where')
  for (const name of rowsOf(logSection).keys()) {
    await expectError('ERR_SEAWALL_NOT_FOUND', () => Log.open(nowhere, { [name]: undefined }))
  }
  for (const name of [...rowsOf(engineSection).keys(), ...passedOn]) {
    await expectError('ERR_SEAWALL_NOT_FOUND', () => Engine.open(nowhere, { [name]: undefined }))
  }
  await expectError('ERR_SEAWALL_INVALID_OPTION', () =>
    Log.open(nowhere, { noSuchOption: undefined } as object),
  )
})

test('an option with a value anywhere on the page -> it exists', () => {
  const known = new Set([...logOptions, ...engineOptions])
  const used = [...tuning.matchAll(/`(\w+): ?[^`]+`/g)].map((match) => match[1] ?? '')
  assert.ok(used.length > 5)
  for (const name of used) assert.ok(known.has(name), name)
})

const unit: Record<string, number> = { KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 }

function valueOf(text: string): unknown {
  if (text === 'none') return undefined
  if (text === 'true' || text === 'false') return text === 'true'
  if (text.startsWith('`')) return text.slice(1, -1)
  const [number = '', suffix] = text.split(' ')
  return Number(number) * (suffix === undefined ? 1 : (unit[suffix] ?? NaN))
}

test('defaults -> those of the code', () => {
  // Fixed when they are created; options that are objects or functions have nothing to compare.
  const stored = { segmentBytes: 64 * 1024 ** 2, pageSize: 8192 }
  const defaults = { log: resolveLogOptions(), engine: resolveEngineOptions() }
  for (const [kind, text] of [
    ['log', logSection],
    ['engine', engineSection],
  ] as const) {
    const resolved = { ...defaults[kind], clock: undefined, operations: undefined }
    for (const [name, value] of rowsOf(text)) {
      const expected =
        name in stored
          ? stored[name as keyof typeof stored]
          : resolved[name as keyof typeof resolved]
      assert.is(valueOf(value), expected, `${kind}: ${name}`)
    }
  }
})

test('statistics to watch -> exist', async () => {
  await using engine = await Engine.open(temporaryDirectory(), { segmentBytes: 256 * 1024 })
  const stats = engine.stats()
  const find = (path: string): unknown =>
    path.split('.').reduce<unknown>((value, name) => (value as Record<string, unknown>)?.[name], {
      ...stats,
      ...stats.log,
    })
  const watched = section('What to watch').matchAll(/^\| ([^|]+)\|/gm)
  const names = [...watched].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`([\w.]+)`/g)].map((match) => match[1] ?? ''),
  )
  assert.ok(names.length > 8)
  const elsewhere = ['maxWalBytes', 'error']
  for (const name of names.filter((each) => !elsewhere.includes(each))) {
    assert.ok(find(name) !== undefined || name === 'transactions.oldestAgeMs', name)
  }
  assert.ok('oldestAgeMs' in stats.transactions)
})

const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\w\- ]/g, '')
    .replaceAll(' ', '-')

for (const page of ['docs/TUNING.md', 'docs/GUIDE.md', 'examples/README.md']) {
  test(`links of ${page} -> lead somewhere`, () => {
    const links = [...read(page).matchAll(/\]\(([^)]+)\)/g)].map((match) => match[1] ?? '')
    assert.ok(links.length > 3)
    for (const link of links) {
      const [path = '', anchor] = link.split('#')
      const target = path === '' ? page : join(page, '..', path)
      assert.ok(existsSync(join(root, target)), `${page}: ${link}`)
      if (anchor === undefined) continue
      const headings = [...read(target).matchAll(/^#+ (.+)$/gm)].map((match) => match[1] ?? '')
      assert.ok(headings.map(anchorOf).includes(anchor), `${page}: ${link}`)
    }
  })
}

test.run()
