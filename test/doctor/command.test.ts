// timeout: 300s
// Goal: `seawall doctor` as a user meets it: text, JSON, exit codes, sentences for what cannot be,
// and nothing left behind or changed, whatever ends it.
// Method: real processes in temporary directories on this machine's file systems.
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { temporaryDirectory } from '../support/temporary-directory.ts'

const root = new URL('../..', import.meta.url).pathname
// Found also from other directories.
const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href
const program = ['--import', tsx, join(root, 'lib/cli/main.ts'), 'doctor']
const nobody = 65_534

interface Ended {
  status: number | null
  stdout: string
  stderr: string
}

function doctor(
  args: string[],
  options: { cwd?: string; uid?: number; env?: NodeJS.ProcessEnv } = {},
): Ended {
  return spawnSync(process.execPath, [...program, ...args], {
    cwd: root,
    encoding: 'utf8',
    timeout: 100_000,
    ...options,
  })
}

interface Report {
  directory: string
  level: string
  conclusion: string
  notMeasured: string
  findings: { group: string; id: string; level: string; sentence: string; advice?: string }[]
  measurements: { id: string; operations: number; p50Us: number; p99Us: number; maxUs: number }[]
  facts: { mount: { fileSystem: string }; directory: { log: { isInUse: boolean } | null } }
}

function reportOf({ stdout }: Ended): Report {
  return JSON.parse(stdout) as Report
}

function levelOf(report: Report, id: string): string | undefined {
  return report.findings.find((finding) => finding.id === id)?.level
}

test('text -> headings, a table, a conclusion; the directory is as it was', () => {
  const directory = temporaryDirectory()
  const { status, stdout, stderr } = doctor([directory, '--seconds', '1'])
  assert.is(stderr, '')
  assert.ok(status === 0 || status === 1, String(status))
  for (const heading of [
    'Machine',
    'Limits of this process',
    'Directory and file system',
    'Drive',
  ]) {
    assert.match(stdout, new RegExp(`^${heading}$`, 'm'))
  }
  assert.match(stdout, /^  log\.commit\(\), 64 at a time +512 B +[\d,]+ +\S+ [um]?s/m)
  assert.is(/WARNING|PROBLEM/.test(stdout), status === 1)
  assert.not.match(stdout, /\x1b|undefined|NaN|\[object/)
  assert.equal(readdirSync(directory), [])
})

test('--json -> one object, whose level is the exit code; without DIR the current directory', () => {
  const directory = temporaryDirectory()
  const ended = doctor(['--json', '--seconds', '1'], { cwd: directory })
  const report = reportOf(ended)
  assert.is(report.directory, directory)
  const isBad = report.findings.some(({ level }) => level === 'warning' || level === 'problem')
  assert.is(ended.status, isBad ? 1 : 0, ended.stderr)
  assert.is(report.level === 'warning' || report.level === 'problem', isBad)
  for (const { id, group, level, sentence, advice } of report.findings) {
    assert.ok(id !== '' && group !== '' && sentence.length > 10)
    assert.match(level, /^(good|note|warning|problem)$/)
    if (level === 'warning' || level === 'problem') assert.ok(advice, `${id} advises something`)
  }
  assert.is(report.notMeasured, '')
  assert.is(report.measurements.length, 13)
  assert.ok(report.measurements.every(({ p50Us, p99Us }) => p50Us <= p99Us))
  assert.type(report.facts.mount.fileSystem, 'string')
  assert.is(report.facts.directory.log, null)
  assert.equal(readdirSync(directory), [])
})

test('memory -> a problem and exit code 1', () => {
  if (!existsSync('/dev/shm')) return
  const directory = mkdtempSync('/dev/shm/seawall-test-')
  try {
    const ended = doctor(['--json', '--seconds', '1', directory])
    const report = reportOf(ended)
    assert.is(report.facts.mount.fileSystem, 'tmpfs')
    assert.is(ended.status, 1)
    assert.is(levelOf(report, 'file-system'), 'problem')
    assert.match(report.conclusion, /Do not rely on commits here/)
    assert.equal(readdirSync(directory), [])
  } finally {
    rmSync(directory, { recursive: true })
  }
})

test('--no-measure -> writes nothing at all', () => {
  const directory = temporaryDirectory()
  const before = statSync(directory, { bigint: true }).mtimeNs
  const report = reportOf(doctor(['--no-measure', '--json', directory]))
  assert.is(statSync(directory, { bigint: true }).mtimeNs, before)
  assert.equal(report.measurements, [])
  assert.match(report.notMeasured, /not asked for/)
  assert.is(levelOf(report, 'measured'), 'note')
})

test('what cannot be examined, and wrong calls -> a sentence and exit code 2', () => {
  const file = join(temporaryDirectory(), 'file')
  writeFileSync(file, '')
  const cases: [string[], RegExp][] = [
    [['/no/such/place'], /'\/no\/such\/place' cannot be examined: there is no such directory/],
    [[file], /is not a directory/],
    [[join(file, 'below')], /part of the path is not a directory/],
    [['x'.repeat(300)], /name is too long/],
    [['--seconds', '0'], /--seconds must be a whole number from 1/],
    [['--second', '3'], /did you mean '--seconds'/],
    [['.', '..'], /has no use for '\.\.'/],
  ]
  for (const [args, sentence] of cases) {
    const { status, stdout, stderr } = doctor(args)
    assert.is(status, 2, args.join(' '))
    assert.match(stderr, sentence)
    assert.not.match(stderr, /\n {4}at /, 'no stack')
    assert.is(stdout, '')
  }
})

test('--help -> usage and exit code 0', () => {
  const { status, stdout } = doctor(['--help'])
  assert.is(status, 0)
  assert.match(stdout, /seawall doctor \[DIR\].*\n[^]*--no-measure/)
})

// Root may do everything: the doctor runs as nobody then.
test('a directory that this user may not read or write -> said, nothing measured', () => {
  const outside = temporaryDirectory()
  chmodSync(outside, 0o755)
  const closed = join(outside, 'closed')
  const readable = join(outside, 'readable')
  for (const path of [closed, readable]) mkdirSync(path)
  chmodSync(closed, 0o000)
  chmodSync(readable, 0o555)
  // What that user's programs leave behind.
  const own = temporaryDirectory()
  chmodSync(own, 0o777)
  const env = { ...process.env, TMPDIR: own }
  const options = process.getuid?.() === 0 ? { uid: nobody, env } : {}
  if (doctor(['--help'], options).status !== 0) {
    console.log('nobody may not read this checkout: not tried')
    return
  }
  const ofClosed = doctor(['--json', closed], options)
  assert.is(ofClosed.status, 1, ofClosed.stderr)
  assert.is(levelOf(reportOf(ofClosed), 'directory'), 'problem')
  assert.match(reportOf(ofClosed).notMeasured, /may not write/)
  const ofReadable = doctor(['--json', readable], options)
  assert.is(ofReadable.status, 1, ofReadable.stderr)
  assert.is(levelOf(reportOf(ofReadable), 'directory'), 'good')
  assert.is(levelOf(reportOf(ofReadable), 'measured'), 'warning')
  chmodSync(closed, 0o755)
  assert.equal(readdirSync(closed), [])
  chmodSync(outside, 0o000)
  const behind = doctor([closed], options)
  chmodSync(outside, 0o755)
  assert.is(behind.status, 2)
  assert.match(behind.stderr, /may not look there/)
})

test('SIGINT, SIGTERM, SIGHUP in the middle -> ended by that signal, nothing left', async () => {
  for (const [signal, delayMs] of [
    ['SIGINT', 0],
    ['SIGTERM', 700],
    // In the methods of the log by now.
    ['SIGINT', 3300],
    ['SIGHUP', 100],
  ] as const) {
    const directory = temporaryDirectory()
    const child = spawn(process.execPath, [...program, directory, '--seconds', '4'])
    let printed = ''
    child.stdout.on('data', (text) => (printed += text))
    child.stderr.on('data', (text) => (printed += text))
    const ended = once(child, 'close') as Promise<[number | null, string | null]>
    for (let turn = 0; readdirSync(directory).length === 0 && turn < 2000; turn += 1) await wait(10)
    assert.match(readdirSync(directory)[0] ?? 'nothing', /^seawall-doctor-scratch-/)
    await wait(delayMs)
    child.kill(signal)
    const [status, by] = await ended
    assert.equal([status, by], [null, signal])
    assert.is(printed, '')
    assert.equal(readdirSync(directory), [], `${signal} after ${delayMs} ms`)
  }
})

test('a log in use by another process -> recognized, byte for byte as it was, and still usable', async () => {
  const directory = temporaryDirectory()
  const script = `
    import { Log } from ${JSON.stringify(new URL('../../lib/index.ts', import.meta.url).href)}
    const log = await Log.open(${JSON.stringify(directory)}, { segmentBytes: 262144 })
    for (let i = 0; i < 100; i += 1) await log.commit(Buffer.from('record ' + i))
    process.stdin.once('data', async () => {
      await log.commit(Buffer.from('after'))
      await log.close()
      console.log('closed')
      process.stdin.destroy()
    })
    // The promise of the idle log is in the master record by then.
    setTimeout(() => console.log('idle'), 1000)`
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
    cwd: root,
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  await once(child.stdout, 'data')
  const before = contentOf(directory)
  const report = reportOf(doctor(['--json', '--seconds', '1', directory]))
  assert.equal(contentOf(directory), before)
  assert.is(report.facts.directory.log?.isInUse, true)
  assert.match(
    report.findings.find(({ id }) => id === 'directory')?.sentence ?? '',
    /holds a Seawall log .* in use right now.*Nothing of it was touched/,
  )
  child.stdin.write('go\n')
  const [said] = (await once(child.stdout, 'data')) as [Buffer]
  assert.is(String(said).trim(), 'closed')
  await once(child, 'close')
})

/** Every file with its size, its time of change and what is in it. */
function contentOf(directory: string): string[] {
  return (readdirSync(directory, { recursive: true }) as string[]).sort().map((name) => {
    const path = join(directory, name)
    const { size, mtimeNs } = statSync(path, { bigint: true })
    if (statSync(path).isDirectory()) return `${name} ${mtimeNs}`
    return `${name} ${size} ${mtimeNs} ${createHash('sha256').update(readFileSync(path)).digest('hex')}`
  })
}

function wait(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}

test.run()
