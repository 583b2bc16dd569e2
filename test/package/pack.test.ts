// timeout: 400s
// serial
// Goal: the package as a user gets it works: no compiler, no install scripts, no network; and holds what it should.
// Method: npm pack, install of the tarball into an empty project, a small program in both module systems.
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'

import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { endInTheMiddle } from '../support/end-in-the-middle.ts'
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

/** Files in a folder and below, by their paths in the checkout; none where there is no folder. */
function filesIn(folder: string): string[] {
  if (!existsSync(join(root, folder))) return []
  const files = readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
  return files
    .filter((file) => file.isFile())
    .map((file) => relative(root, join(file.parentPath, file.name)))
}

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
    'dist/lib/index.js',
    'dist/lib/index.d.ts',
    'dist/lib/adapters/prometheus.d.ts',
    'dist/lib/adapters/otel.d.ts',
    'dist/lib/cli/main.js',
    'dist/demo/ingest.js',
    'dist/bench/subjects/log-append.js',
    'dist/bench/peers/lmdb.mjs',
    'dist/bench/report/page.css',
    // What a browser gets is copied as it is.
    ...filesIn('lib/inspector/page').map((path) => `dist/${path}`),
    'prebuilds/linux-x64/seawall.glibc.node',
    'native/log/log.cc',
    // What the handbook of errors links to.
    'CHANGELOG.md',
  ]) {
    assert.ok(paths.includes(needed), `${needed} is missing`)
  }
  for (const path of paths) {
    assert.not.match(path, /^(lib|programs|test|bench|demo|build)\/|native\/build|\.test\./)
    // Compiled, with types where there is something to import.
    if (path.endsWith('.ts')) assert.match(path, /^dist\/lib\/.*\.d\.ts$/)
    assert.not.match(path, /node_modules|bench\/results/)
  }
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

/** The command of the installed package, without tsx, compiler and fio. */
function seawall(...args: string[]): { status: number | null; output: string } {
  const program = join('node_modules', '.bin', 'seawall')
  const result = spawnSync(program, args, { cwd: project, env: environment, encoding: 'utf8' })
  return { status: result.status, output: result.stdout + result.stderr }
}

/** What is in the project besides what npm and the test put there. */
function filesOfProject(): string[] {
  const own = /^(node_modules|package(-lock)?\.json|esm\.mjs|cjs\.cjs|data-\d+)$/
  return readdirSync(project).filter((name) => !own.test(name))
}

test('installed -> every command has a help, and says what differs from a checkout', () => {
  for (const args of [[], ['rig'], ['demo'], ['demo', 'ingest'], ['demo', 'bank'], ['bench']]) {
    const { status, output } = seawall(...args, '--help')
    assert.is(status, 0, output)
    assert.match(output, new RegExp(`^${['seawall', ...args].join(' ')} `))
    assert.not.match(output, /npm run|build\//)
  }
  assert.match(seawall('bench', '--help').output, /nothing is built or installed/)
})

test('installed -> the demos run, and write where the command was given only', () => {
  const done = seawall('demo', process.execPath)
  assert.is(done.status, 0, done.output)
  assert.match(done.output, /identical with the file, byte for byte/)
  assert.equal(filesOfProject(), ['seawall-demo'])
  rmSync(join(project, 'seawall-demo'), { recursive: true })

  const options = ['--accounts', '1000', '--rounds', '2', '--seconds', '0.3']
  const bank = seawall('demo', 'bank', ...options)
  assert.is(bank.status, 0, bank.output)
  assert.match(bank.output, /all verified/)
  assert.equal(filesOfProject(), [])
})

test('installed, neither fio nor peers there -> the benchmarks say so, and measure the rest', () => {
  const options = ['--rounds', '1', '--seconds', '0.05', '--only', 'commit-lone', '--only', 'read']
  const { status, output } = seawall('bench', ...options)
  assert.is(status, 0, output)
  for (const missing of [/^fio: not installed/m, /^lmdb: cannot be loaded here/m]) {
    assert.match(output, missing)
  }
  assert.match(output, /commit\(\) .*\/s/)
  assert.match(output, /read\(\) in batches/)
  assert.not.match(output, /installing|compiling|NaN|undefined/)
  assert.equal(filesOfProject().sort(), ['seawall-bench.html', 'seawall-bench.json'])
  assert.is(seawall('bench', '--report', 'seawall-bench.json').status, 0)
})

test('installed, the benchmarks ended in the middle -> no process is left, and nothing that stays', async () => {
  const directory = temporaryDirectory()
  const options = ['--only', 'append', '--seconds', '20', '--rounds', '1', '--no-peers']
  const where = ['--dir', directory, '--output', join(directory, 'result.json')]
  const started = {
    command: join(project, 'node_modules', '.bin', 'seawall'),
    args: ['bench', ...options, ...where],
    ...{ cwd: project, env: environment },
  }
  const ended = await endInTheMiddle(started, /rounds of 20 s/, 'SIGTERM')
  assert.is(ended.code, 143, ended.output)
  assert.equal(readdirSync(directory), [])

  await endInTheMiddle(started, /rounds of 20 s/, 'SIGKILL')
  assert.equal(readdirSync(directory), ['seawall-bench'])
  const again = await endInTheMiddle(started, /rounds of 20 s/, 'SIGINT')
  assert.is(again.code, 130, again.output)
  assert.equal(readdirSync(directory), [])
})

test('adapters, without their peers installed -> load, and say in words what to install', () => {
  const source = `
    import { Log } from 'seawall'
    import { registerSeawallMetrics } from 'seawall/prometheus'
    import { instrumentSeawall } from 'seawall/otel'
    const log = await Log.open('./data-adapters')
    const told = []
    for (const call of [() => registerSeawallMetrics(log, {}), () => instrumentSeawall({})]) {
      try { call() } catch (error) { told.push(error.code, error.message) }
    }
    const metrics = new Map()
    const register = {
      registerMetric: (metric) => metrics.set(metric.name, metric),
      getSingleMetric: (name) => metrics.get(name),
      removeSingleMetric: (name) => metrics.delete(name),
    }
    registerSeawallMetrics(log, { register })
    const { values } = await metrics.get('seawall_log_appends_total').get()
    await log.close()
    console.log(JSON.stringify([...told, values[0].value]))`
  writeFileSync(join(project, 'adapters.mjs'), source)
  const output = execFileSync('node', ['adapters.mjs'], {
    cwd: project,
    env: environment,
    encoding: 'utf8',
  })
  const [code, prometheus = '', otelCode, otel = '', appends] = JSON.parse(output) as string[]
  assert.equal([code, otelCode], Array(2).fill('ERR_SEAWALL_INVALID_ARGUMENT'))
  assert.match(prometheus, /npm install prom-client/)
  assert.match(otel, /npm install @opentelemetry\/api/)
  assert.is(appends, 0)
  const installed = readdirSync(join(project, 'node_modules'))
  assert.ok(!installed.includes('prom-client') && !installed.includes('@opentelemetry'), 'optional')
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
