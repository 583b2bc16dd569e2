// timeout: 300s
// Goal: every piece of code in the guide compiles as a user would compile it, runs, and prints what it
// says it prints.
// Method: takes the ts blocks out of docs/GUIDE.md, writes them as modules into one directory with the
// checkout in place of the package, type-checks them with the settings of the project, and runs them in
// order, each in a process of its own. What a block prints stands in it as `// -> …`, line for line.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { temporaryDirectory } from '../support/temporary-directory.ts'

const root = new URL('../..', import.meta.url).pathname
const guide = readFileSync(join(root, 'docs/GUIDE.md'), 'utf8')
const tsx = new URL('../../node_modules/tsx/dist/loader.mjs', import.meta.url).href

interface Block {
  readonly name: string
  readonly line: number
  readonly code: string
}

function blocksOf(document: string): Block[] {
  return [...document.matchAll(/^```ts\n([\s\S]+?)^```$/gm)].map((match, i) => ({
    name: `block-${String(i + 1).padStart(2, '0')}.mts`,
    line: document.slice(0, match.index).split('\n').length,
    code: match[1] ?? '',
  }))
}

const blocks = blocksOf(guide)
const directory = temporaryDirectory()
for (const { name, code } of blocks) {
  writeFileSync(join(directory, name), code.replace("'seawall'", `'${join(root, 'lib/index.ts')}'`))
}

test('the guide has code, and all of it begins with its imports', () => {
  assert.ok(blocks.length >= 15, `${blocks.length} blocks`)
  for (const { line, code } of blocks) assert.match(code, /^import /, `docs/GUIDE.md:${line}`)
})

// It takes as long as everything else, so it runs beside it.
const compiled = compile()

async function compile(): Promise<string> {
  const config = {
    extends: join(root, 'tsconfig.json'),
    compilerOptions: { rootDir: '/', typeRoots: [join(root, 'node_modules/@types')] },
    include: [join(directory, '*.mts')],
    exclude: [],
  }
  writeFileSync(join(directory, 'tsconfig.json'), JSON.stringify(config))
  const compiler = spawn(join(root, 'node_modules/.bin/tsc'), ['-p', directory])
  let output = ''
  compiler.stdout.on('data', (data: Buffer) => (output += data.toString()))
  await once(compiler, 'close')
  return output
}

async function run(name: string): Promise<{ status: number; stdout: string; stderr: string }> {
  const args = ['--import', tsx, join(directory, name)]
  const child = spawn(process.execPath, args, { cwd: directory, timeout: 60_000 })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (data: Buffer) => (stdout += data.toString()))
  child.stderr.on('data', (data: Buffer) => (stderr += data.toString()))
  const [status] = (await once(child, 'close')) as [number]
  return { status, stdout, stderr }
}

for (const { name, line, code } of blocks) {
  const title = /^(?:import .*\n)+\n*(.+)/.exec(code)?.[1]?.slice(0, 60) ?? name
  test(`docs/GUIDE.md:${line} ${title} -> prints what it says`, async () => {
    const expected = [...code.matchAll(/\/\/ -> (.*)$/gm)].map((match) => match[1])
    const result = await run(name)
    assert.is(result.status, 0, result.stderr)
    assert.equal(result.stdout.split('\n').slice(0, -1), expected)
  })
}

test('every block -> compiles with the settings of the project', async () => {
  const output = await compiled
  assert.not.match(output, /error TS(5|6|18)\d+/, 'the compiler did not come so far')
  for (const { name, line } of blocks) {
    const errors = output.split('\n').filter((text) => text.includes(`${name}(`))
    assert.equal(errors, [], `docs/GUIDE.md:${line}`)
  }
})

test.run()
