// Where things are, and how commands are run. Uses nothing that `npm ci` would have to install
// first.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const lockPollMs = 200

export const root = join(dirname(fileURLToPath(import.meta.url)), '..')

/**
 * The environment for tools: node-gyp finds the running node's own headers, because it may not be
 * able to download any.
 */
export function toolEnvironment() {
  const prefix = resolve(process.execPath, '../..')
  const environment = { ...process.env }
  if (!environment.npm_config_nodedir && existsSync(join(prefix, 'include/node/node.h')))
    environment.npm_config_nodedir = prefix
  environment.PATH = `${join(root, 'node_modules/.bin')}:${environment.PATH ?? ''}`
  return environment
}

/** Runs a command; its output is shown only when it fails, or with `show`. Throws when it fails. */
export function run(command, args, { show = false, env = {}, cwd = root } = {}) {
  const result = spawnSync(command, args, {
    cwd,
    env: { ...toolEnvironment(), ...env },
    stdio: show ? 'inherit' : 'pipe',
    encoding: 'utf8',
    maxBuffer: 64 << 20,
  })
  if (result.error === undefined && result.status === 0) return result.stdout ?? ''
  if (!show) process.stderr.write(`${result.stdout ?? ''}${result.stderr ?? ''}`)
  throw new Error(
    `${command} ${args.join(' ')} failed: ${result.error?.message ?? `exit code ${result.status}`}`,
  )
}

export function works(command, args) {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0
}

/** A hash of files and folders, by path and content. */
export function hashOf(paths) {
  const hash = createHash('sha256')
  const add = (path) => {
    const full = join(root, path)
    if (!existsSync(full)) return
    if (statSync(full).isDirectory()) {
      for (const name of readdirSync(full).sort()) if (name !== 'build') add(join(path, name))
    } else {
      hash.update(path).update('\0').update(readFileSync(full)).update('\0')
    }
  }
  for (const path of paths) add(path)
  return hash.update(process.version).digest('hex')
}

/**
 * Runs `work` unless it was done before with the same `key` and its result `isThere`. Two commands
 * at once do not build over each other: the second one waits, and finds it done.
 */
export function once(name, key, isThere, work) {
  const stamp = join(root, 'build/stamps', name)
  const isDone = () => existsSync(stamp) && readFileSync(stamp, 'utf8') === key
  if (isThere && isDone()) return
  mkdirSync(dirname(stamp), { recursive: true })
  const hasWaited = takeLock(`${stamp}.lock`)
  try {
    if (hasWaited && isDone()) return
    work()
    writeFileSync(stamp, key)
  } finally {
    rmSync(`${stamp}.lock`, { force: true })
  }
}

// The file names who holds it; a holder that is gone holds nothing. True when it had to be waited
// for.
function takeLock(path) {
  for (let hasWaited = false; ; hasWaited = true) {
    try {
      writeFileSync(path, String(process.pid), { flag: 'wx' })
      return hasWaited
    } catch (error) {
      if (error.code !== 'EEXIST') throw error
    }
    if (!holderLives(path)) rmSync(path, { force: true })
    else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, lockPollMs)
  }
}

function holderLives(path) {
  try {
    process.kill(Number(readFileSync(path, 'utf8')), 0)
    return true
  } catch (error) {
    // Its name is not in yet, or it was just given back.
    return error.code === 'ENOENT' || error.code === 'EPERM'
  }
}
