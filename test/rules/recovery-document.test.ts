// Goal: docs/RECOVERY.md tells what the code does: every deviation from ARIES that the code marks,
// no other one, files that exist, and a crash as it really goes.
// Method: compares its tables with the marks in lib/, and its blocks with what the program prints.
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join, normalize } from 'node:path'

import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { crashWalkthrough, withBlocks } from '../walkthrough/crash-walkthrough.ts'

const root = new URL('../..', import.meta.url).pathname
const read = (path: string): string => readFileSync(join(root, path), 'utf8')
const document = read('docs/RECOVERY.md')

function libFiles(): string[] {
  const args = ['ls-files', '-co', '--exclude-standard', 'lib/*.ts']
  return execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim().split('\n')
}

test('deviations marked in the code -> one row each in the document, and no others', () => {
  const marked = libFiles().flatMap((path) =>
    [...read(path).matchAll(/DEVIATION\([^)]+\)/g)].map(([mark]) => `${mark} ${path}`),
  )
  const rows = document.matchAll(/^\| `(DEVIATION\([^)]+\))` \| \[[^\]]+\]\(\.\.\/([^)]+)\)/gm)
  const documented = [...rows].map(([, mark = '', path = '']) => `${mark} ${path}`)
  assert.ok(marked.length > 10)
  assert.equal(documented.sort(), marked.sort())
})

test('files that the document names -> exist', () => {
  const links = [...document.matchAll(/\]\(([^)#]+)\)/g)].map(([, link = '']) => link)
  assert.ok(links.length > 20)
  for (const link of links) assert.ok(existsSync(join(root, normalize(join('docs', link)))), link)
})

test('walk-through in the document -> what the program prints', async () => {
  const blocks = await crashWalkthrough()
  const hint = 'run: node --import tsx test/walkthrough/crash-walkthrough.ts --write'
  assert.is(document, withBlocks(document, blocks), hint)
})

test.run()
