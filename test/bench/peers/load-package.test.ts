// Goal: a peer is found around the program, or around the directory that the benchmarks run in.
// Method: a package in a directory of its own, and the program run there.
import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { temporaryDirectory } from '../../support/temporary-directory.ts'

const { href } = new URL('../../../bench/peers/load-package.mjs', import.meta.url)

function load(name: string, directory: string) {
  const program = `console.log((await (await import('${href}')).load('${name}')).name)`
  const args = ['--input-type=module', '-e', program]
  return spawnSync(process.execPath, args, { cwd: directory, encoding: 'utf8' })
}

test('a package of the working directory, ESM or not -> loaded; one that is nowhere -> an error', () => {
  const directory = temporaryDirectory()
  const make = (name: string, type: string, source: string): void => {
    const folder = join(directory, 'node_modules', name)
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ name, type, main: 'index.js' }))
    writeFileSync(join(folder, 'index.js'), source)
  }
  make('peer-as-module', 'module', `export const name = 'a module'`)
  make('peer-by-require', 'commonjs', `exports.name = 'by require'`)
  assert.is(load('peer-as-module', directory).stdout, 'a module\n')
  assert.is(load('peer-by-require', directory).stdout, 'by require\n')
  assert.match(load('peer-that-is-nowhere', directory).stderr, /Cannot find module/)
})

test('a package around the program -> that one, wherever it runs', () => {
  assert.is(load('uvu', temporaryDirectory()).status, 0)
})

test.run()
