// timeout: 300s
// serial
// Goal: the package as a user gets it works: no compiler, no install scripts, no network; and holds what it should.
// Method: npm pack, install of the tarball into an empty project, a small program in both module systems.
import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { temporaryDirectory } from '../support/temporary-directory.ts'

const root = new URL('../..', import.meta.url).pathname
const work = temporaryDirectory()
const project = join(work, 'project')
const environment = { ...process.env, PATH: pathWithoutCompiler(), npm_config_nodedir: '' }

// A folder with node, npm and what npm's scripts need: nothing that could compile.
function pathWithoutCompiler(): string {
  const bin = join(work, 'bin')
  mkdirSync(bin)
  for (const name of ['node', 'npm', 'sh', 'tar', 'gzip']) {
    symlinkSync(execFileSync('which', [name], { encoding: 'utf8' }).trim(), join(bin, name))
  }
  return bin
}

const program = (load: string): string => `
  ${load}
  async function main() {
    const log = await Log.open('./data-' + process.pid)
    const lsn = await log.commit(Buffer.from('hello'))
    for await (const record of log.read()) console.log(record.lsn === lsn, Buffer.from(record.body).toString())
    await log.close()
  }
  main()`

let tarball = ''

test('npm pack -> a tarball with the addon, without tests and build folders', () => {
  execFileSync('npm', ['run', 'prebuild'], { cwd: root, stdio: 'pipe' })
  const output = execFileSync('npm', ['pack', '--json', '--pack-destination', work], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const packed: unknown = JSON.parse(output)
  const [first] = Array.isArray(packed) ? packed : Object.values(packed as object)
  const { filename, files } = first as { filename: string; files: { path: string }[] }
  tarball = join(work, filename)
  const paths = files.map((file) => file.path)
  for (const needed of [
    'dist/index.js',
    'dist/index.d.ts',
    'prebuilds/linux-x64/seawall.glibc.node',
    'native/log/log.cc',
  ]) {
    assert.ok(paths.includes(needed), `${needed} is missing`)
  }
  for (const path of paths)
    assert.not.match(path, /^(test|bench|demo|build)\/|native\/build|\.test\./)
  assert.ok(!paths.includes('binding.gyp'), 'npm would try to build it')
})

test('installed without scripts, network and compiler -> works as ESM and by require', () => {
  mkdirSync(project)
  writeFileSync(join(project, 'package.json'), '{"name":"empty","private":true}')
  execFileSync(
    'npm',
    ['install', '--ignore-scripts', '--offline', '--no-audit', '--no-fund', tarball],
    {
      cwd: project,
      env: environment,
      stdio: 'pipe',
    },
  )
  assert.ok(
    !readdirSync(join(project, 'node_modules')).includes('node-addon-api'),
    'no dependencies',
  )
  writeFileSync(join(project, 'esm.mjs'), program(`import { Log } from 'seawall'`))
  writeFileSync(join(project, 'cjs.cjs'), program(`const { Log } = require('seawall')`))
  for (const name of ['esm.mjs', 'cjs.cjs']) {
    const output = execFileSync('node', [name], {
      cwd: project,
      env: environment,
      encoding: 'utf8',
    })
    assert.is(output, 'true hello\n', name)
  }
})

test('built on Debian 12 the addon needs glibc 2.34 and libstdc++ 3.4.29 at most, and exports next to nothing', () => {
  const addon = join(root, 'prebuilds/linux-x64/seawall.glibc.node')
  const symbols = execFileSync('objdump', ['-T', addon], { encoding: 'utf8' })
  const newest = (prefix: string): number[] => {
    const versions = [...symbols.matchAll(new RegExp(`${prefix}_([\\d.]+)`, 'g'))].map((m) =>
      (m[1] ?? '').split('.').map(Number),
    )
    return (
      versions
        .sort(
          (a, b) =>
            (a[0] ?? 0) - (b[0] ?? 0) || (a[1] ?? 0) - (b[1] ?? 0) || (a[2] ?? 0) - (b[2] ?? 0),
        )
        .at(-1) ?? []
    )
  }
  const [, glibcMinor = 99] = newest('GLIBC')
  const [, , libstdcxxPatch = 99] = newest('GLIBCXX')
  assert.ok(glibcMinor <= 34, `needs GLIBC_2.${glibcMinor}`)
  assert.ok(libstdcxxPatch <= 29, `needs GLIBCXX_3.4.${libstdcxxPatch}`)
  const exported = symbols.split('\n').filter((line) => / DF \.text/.test(line))
  assert.ok(exported.length <= 6, `exports ${exported.length} functions`)
})

test.run()
