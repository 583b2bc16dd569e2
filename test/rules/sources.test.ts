// Goal: files stay short, leftovers stay out, commands in the documents exist, every error is documented and used.
// Method: reads the tracked files.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { test } from 'uvu'
import * as assert from 'uvu/assert'

const root = new URL('../..', import.meta.url).pathname
const linesMax = 420
const columnsMax = 120
// Programs for child processes stand in tests as text, which no formatter breaks.
const testColumnsMax = 150

function files(...patterns: string[]): string[] {
  const args = ['ls-files', '-co', '--exclude-standard', ...patterns]
  return execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim().split('\n')
}

const read = (path: string): string => readFileSync(join(root, path), 'utf8')
const sources = files('*.cc', '*.h', '*.ts', '*.mjs').filter(
  (path) => !/lib\/(format\/layout|error-codes)\.ts/.test(path),
)

test(`files have at most ${linesMax} lines of at most ${columnsMax} columns`, () => {
  for (const path of sources) {
    const lines = read(path).split('\n')
    assert.ok(lines.length <= linesMax, `${path} has ${lines.length} lines: one file, one idea`)
    const columns = path.startsWith('test/') ? testColumnsMax : columnsMax
    for (const [i, line] of lines.entries()) {
      assert.ok(line.length <= columns, `${path}:${i + 1} has ${line.length} columns`)
    }
  }
})

test('no leftovers: no notes to self, no prints in the library, no tests switched off', () => {
  // The rules and the runner's own test name what they look for.
  for (const path of sources.filter((name) => !name.startsWith('test/rules/'))) {
    const source = read(path)
    assert.not.match(source, /\b(TODO|FIXME|XXX|HACK)\b/, path)
    if (path.startsWith('lib/') && !path.startsWith('lib/cli/'))
      assert.not.match(source, /console\./, path)
    if (path.startsWith('test/')) assert.not.match(source, /test\.(skip|only)\(/, path)
    if (path.startsWith('native/') && !/layout_print|assert\.cc/.test(path)) {
      assert.not.match(source, /\bprintf\(|std::cerr|std::cout/, path)
    }
  }
})

test('every command that a document names exists', () => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
  for (const path of files('*.md')) {
    for (const [, name = ''] of read(path).matchAll(/npm run ([\w:-]+)/g)) {
      assert.ok(name in scripts, `${path} names npm run ${name}`)
    }
  }
})

test('every assumption names tests that exist', () => {
  const rows = read('docs/ASSUMPTIONS.md')
    .split('\n')
    .filter((line) => /^\| A\d/.test(line))
  assert.ok(rows.length > 8)
  for (const row of rows) {
    const named = [...row.matchAll(/`(test\/[\w/.-]+)`/g)].map((m) => m[1] ?? '')
    assert.ok(named.length > 0 || row.startsWith('| A4'), `no test: ${row}`)
    for (const path of named) assert.ok(files(path).includes(path), `${path} does not exist`)
  }
})

test('every error code is documented under its own heading, and every heading is a code', () => {
  const codes = [...read('native/base/status_codes.def').matchAll(/"(ERR_SEAWALL_\w+)"/g)].map(
    (m) => m[1],
  )
  const headings = [...read('docs/ERRORS.md').matchAll(/^## (ERR_SEAWALL_\w+)$/gm)].map((m) => m[1])
  assert.equal(headings, codes)
})

test('every error code is raised somewhere and tested somewhere', () => {
  const defined = read('native/base/status_codes.def').matchAll(/\((k\w+), "(ERR_SEAWALL_\w+)"/g)
  const production = files('native/*.cc', 'lib/*.ts').filter(
    (path) => !path.endsWith('error-codes.ts'),
  )
  const code = production.map(read).join('\n')
  const tests = files('test/*.ts', 'test/*.cc').map(read).join('\n')
  for (const [, enumerator = '', name = ''] of defined) {
    assert.ok(
      code.includes(`Code::${enumerator}`) || code.includes(`'${name}'`),
      `${name} is never raised`,
    )
    assert.ok(
      tests.includes(`Code::${enumerator}`) || tests.includes(name),
      `${name} is never tested`,
    )
  }
})

test('hazards of the log and of the engine each have a test that names them', () => {
  const tests = files('test/*.ts', 'test/*.cc').map(read).join('\n')
  const covered = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 51, 52, 53, 54]
    .concat([12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 26])
    .concat([43, 44, 45, 46, 47, 49, 50])
    .concat([27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42])
    .concat([55, 56, 57, 58, 59])
  for (const number of covered) {
    const name = `H${String(number).padStart(2, '0')}`
    assert.ok(tests.includes(name), `no test names ${name}`)
  }
})

test.run()
