// Prints the definitions of native/ into lib/ and docs/, and the doc comments of what the package
// exports into docs/API.md. `--check` changes nothing and fails when something is stale.
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { apiReference } from './api-reference.mjs'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const check = process.argv.includes('--check')
const printer = join(root, 'build', 'layout_print')

mkdirSync(dirname(printer), { recursive: true })
mkdirSync(join(root, 'lib', 'format'), { recursive: true })
execFileSync(
  'g++',
  [
    '-std=c++20',
    '-O0',
    '-I',
    join(root, 'native'),
    '-o',
    printer,
    join(root, 'native/format/layout_print.cc'),
  ],
  {
    stdio: 'inherit',
  },
)
const print = (what) => execFileSync(printer, [what], { encoding: 'utf8' })

function between(text, name, content) {
  const begin = `<!-- generated:${name} -->`
  const end = `<!-- /generated:${name} -->`
  const from = text.indexOf(begin)
  const to = text.indexOf(end)
  if (from < 0 || to < from) throw new Error(`no ${begin} … ${end}`)
  return `${text.slice(0, from + begin.length)}\n${content.trimEnd()}\n${text.slice(to)}`
}

function read(path) {
  try {
    return readFileSync(join(root, path), 'utf8')
  } catch {
    return ''
  }
}

const files = {
  'lib/format/layout.ts': print('ts'),
  'lib/error-codes.ts': print('codes-ts'),
  'docs/FORMAT.md': between(read('docs/FORMAT.md'), 'layout', print('md')),
  'docs/ERRORS.md': between(read('docs/ERRORS.md'), 'codes', print('codes-md')),
  'docs/API.md': apiReference(),
}

const stale = Object.keys(files).filter((path) => read(path) !== files[path])
if (check && stale.length > 0) {
  console.error(`stale, run npm run generate: ${stale.join(', ')}`)
  process.exit(1)
}
if (!check) for (const path of stale) writeFileSync(join(root, path), files[path])
