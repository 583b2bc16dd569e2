// Runs test files, each in a process of its own, and adds up what they report. A file that
// crashes, hangs or reports nothing
// counts as one failure.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { relative } from 'node:path'

import { root, toolEnvironment } from './environment.mjs'

const defaultTimeoutSeconds = 120

/** What a test file asks for in its first lines: `// timeout: 300s`, `// serial`, `// needs-gc`. */
export function directivesOf(source) {
  const head = source.split('\n').slice(0, 12).join('\n')
  const timeout = /^\/\/ timeout: (\d+)s$/m.exec(head)
  return {
    timeoutSeconds: timeout === null ? defaultTimeoutSeconds : Number(timeout[1]),
    serial: /^\/\/ serial$/m.test(head),
    nodeFlags: /^\/\/ needs-gc$/m.test(head) ? ['--expose-gc'] : [],
  }
}

/** uvu's closing lines as numbers; undefined when they are not there. */
export function parseSummary(output) {
  const number = (name) => {
    const found = new RegExp(`^\\s*${name}:\\s+(\\d+)`, 'm').exec(output.replace(/\x1b\[\d*m/g, ''))
    return found === null ? undefined : Number(found[1])
  }
  const [total, passed, skipped] = [number('Total'), number('Passed'), number('Skipped')]
  if (total === undefined || passed === undefined || skipped === undefined) return undefined
  return { passed, failed: total - passed, skipped }
}

/** What a finished file counts as. */
export function judge({ output, exitCode, signal, timedOut }) {
  if (timedOut) return { passed: 0, failed: 1, skipped: 0, why: 'timed out' }
  if (signal !== null) return { passed: 0, failed: 1, skipped: 0, why: `ended by ${signal}` }
  const summary = parseSummary(output)
  if (summary === undefined)
    return { passed: 0, failed: 1, skipped: 0, why: `no summary, exit code ${exitCode}` }
  if (summary.passed + summary.failed + summary.skipped === 0)
    return { ...summary, failed: 1, why: 'ran no test' }
  if (exitCode !== 0 && summary.failed === 0)
    return { ...summary, failed: 1, why: `exit code ${exitCode}` }
  return { ...summary, why: summary.failed > 0 ? 'failed' : '' }
}

export function runFile(file, { timeoutSeconds, nodeFlags }) {
  return new Promise((resolve) => {
    const started = Date.now()
    // A process group of its own, so that a hanging file takes its children with it.
    const child = spawn(process.execPath, [...nodeFlags, '--import', 'tsx', file], {
      cwd: root,
      env: { ...toolEnvironment(), NO_COLOR: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    })
    let output = ''
    let timedOut = false
    child.stdout.on('data', (data) => {
      output += data
    })
    child.stderr.on('data', (data) => {
      output += data
    })
    const killGroup = () => {
      try {
        process.kill(-child.pid, 'SIGKILL')
      } catch {
        // Gone already.
      }
    }
    const timer = setTimeout(() => {
      timedOut = true
      killGroup()
    }, timeoutSeconds * 1000)
    child.on('close', (exitCode, signal) => {
      clearTimeout(timer)
      killGroup()
      const outcome = judge({ output, exitCode, signal, timedOut })
      resolve({ file, output, seconds: (Date.now() - started) / 1000, ...outcome })
    })
  })
}

/** Runs files two at a time, serial ones alone at the end. Calls `report` for each. */
export async function runFiles(files, report) {
  const jobs = files.map((file) => ({ file, ...directivesOf(readFileSync(file, 'utf8')) }))
  const totals = { passed: 0, failed: 0, skipped: 0 }
  const take = async (queue) => {
    for (let job = queue.shift(); job !== undefined; job = queue.shift()) {
      const result = await runFile(job.file, job)
      totals.passed += result.passed
      totals.failed += result.failed
      totals.skipped += result.skipped
      report(result)
    }
  }
  const parallel = jobs.filter((job) => !job.serial)
  await Promise.all([take(parallel), take(parallel)])
  await take(jobs.filter((job) => job.serial))
  return totals
}

export function describe(result) {
  const mark = result.failed > 0 ? 'FAIL' : 'ok  '
  const why = result.why === '' ? '' : ` (${result.why})`
  const counts = `${result.passed} passed${result.failed > 0 ? `, ${result.failed} failed` : ''}`
  return `${mark} ${relative(root, result.file)}: ${counts}, ${result.seconds.toFixed(1)} s${why}`
}

/** The closing line, and whether the run counts as a success. */
export function conclude(totals) {
  const line = `${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`
  return { line, ok: totals.failed === 0 && totals.passed > 0 }
}
