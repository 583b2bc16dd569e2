// Goal: arrows between layers only point down, and each kind of outside knowledge has one place (DESIGN: layers).
// Method: every #include and import is compared with the tables below.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'

import { test } from 'uvu'
import * as assert from 'uvu/assert'

const root = new URL('../..', import.meta.url).pathname

function files(...patterns: string[]): string[] {
  const args = ['ls-files', '-co', '--exclude-standard', ...patterns]
  return execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim().split('\n')
}

const nativeMayInclude: Record<string, string[]> = {
  base: ['base'],
  format: ['base', 'format'],
  io: ['base', 'io'],
  log: ['base', 'format', 'io', 'log'],
  page: ['base', 'format', 'io', 'page'],
  napi: ['base', 'format', 'io', 'log', 'page', 'napi'],
}
const systemHeader =
  /^(sys\/|linux\/|asm\/|unistd\.h|fcntl\.h|dirent\.h|liburing\.h|time\.h|ctime|csignal)/

function includesOf(path: string): string[] {
  return [...readFileSync(join(root, path), 'utf8').matchAll(/^#include [<"](.+)[>"]$/gm)].map(
    (m) => m[1] ?? '',
  )
}

test('native: includes point down', () => {
  for (const path of files('native/*.cc', 'native/*.h')) {
    const layer = path.split('/')[1] ?? ''
    const allowed = nativeMayInclude[layer] ?? assert.unreachable(`${path}: no such layer`)
    for (const include of includesOf(path)) {
      const target = include.split('/')[0] ?? ''
      if (target in nativeMayInclude && include.includes('/')) {
        assert.ok(
          allowed?.includes(target),
          `${path} includes ${include}; ${layer} may use ${String(allowed)}`,
        )
      }
    }
  }
})

test('native: only napi knows Node, only uring_queue.cc knows liburing, only io makes system calls', () => {
  for (const path of files('native/*.cc', 'native/*.h')) {
    for (const include of includesOf(path)) {
      if (/^(napi|node_api)\.h$/.test(include))
        assert.match(path, /^native\/napi\//, `${path}: use a plain type`)
      if (include === 'liburing.h') assert.is(path, 'native/io/uring_queue.cc')
      // The processor is asked for its abilities in base; everything else goes through io/storage.h.
      if (systemHeader.test(include) && path !== 'native/base/crc32c_arm64.cc') {
        assert.match(path, /^native\/io\//, `${path} includes ${include}; go through io/`)
      }
    }
  }
})

const libMayImport: Record<string, string[]> = {
  util: ['util'],
  format: ['util', 'format'],
  root: ['util', 'format', 'root'],
  native: ['util', 'format', 'root', 'native'],
  log: ['util', 'format', 'root', 'native', 'log'],
  operation: ['util', 'format', 'root', 'operation'],
  buffer: ['util', 'format', 'root', 'native', 'log', 'buffer'],
  txn: ['util', 'format', 'root', 'log', 'operation', 'buffer', 'txn'],
  checkpoint: ['util', 'format', 'root', 'log', 'buffer', 'txn', 'checkpoint'],
  recovery: ['util', 'format', 'root', 'log', 'operation', 'buffer', 'txn', 'recovery'],
}
const belowEngine = [...new Set(Object.values(libMayImport).flat()), 'checkpoint', 'recovery']
libMayImport.engine = [...belowEngine, 'engine']
libMayImport.index = [...belowEngine, 'engine', 'index']
// For metrics and tracing of the host: they know what every user knows, and one package each.
libMayImport.adapters = ['util', 'index', 'adapters']
// Looks at a directory without opening the log in it.
libMayImport.inspection = [...belowEngine, 'inspection']
// Programs on top of the library: they know what every user knows.
libMayImport.rig = ['rig', 'index']
libMayImport.doctor = ['util', 'root', 'native', 'index', 'doctor']
libMayImport.lab = ['util', 'root', 'index', 'lab']
libMayImport.inspector = ['util', 'root', 'format', 'index', 'inspection', 'lab', 'inspector']
const programs = ['rig', 'doctor', 'lab', 'inspector']
libMayImport.cli = ['util', 'root', 'format', 'index', 'inspection', ...programs, 'cli']

// Types of packages that a user of these files has anyway; nothing of them is loaded.
const typesFrom: Record<string, RegExp> = {
  'prom-client': /^lib\/adapters\/prometheus/,
  '@opentelemetry/api': /^lib\/adapters\/otel/,
}

function libLayer(path: string): string {
  const parts = path.split('/').slice(1)
  if (parts.length > 1) return parts[0] ?? ''
  return parts[0] === 'index.ts' ? 'index' : 'root'
}

test('lib: imports point down, only native/load.ts loads the addon, nothing outside is needed', () => {
  for (const path of files('lib/*.ts')) {
    const source = readFileSync(join(root, path), 'utf8')
    const allowed = libMayImport[libLayer(path)] ?? []
    for (const [, name = ''] of source.matchAll(/(?:from|import) '(.+?)'/g)) {
      if (name.startsWith('.')) {
        const target = libLayer(normalize(join(dirname(path), name)))
        assert.ok(
          allowed.includes(target),
          `${path} imports ${name}; it may use ${allowed.join(', ')}`,
        )
      } else if (typesFrom[name]?.test(path) === true) {
        const loads = new RegExp(`^(import|export) (?!type )[^'\`]*from '${name}'`, 'm')
        assert.not.match(source, loads, `${path}: import type`)
      } else {
        assert.match(name, /^node:/, `${path} imports ${name}; the library has no dependencies`)
      }
    }
    if (path !== 'lib/native/load.ts')
      assert.not.match(source, /createRequire|process\.dlopen/, path)
    if (path !== 'lib/errors.ts')
      assert.not.match(source, /new (Type|Range)?Error\(/, `${path}: use SeawallError`)
  }
})

test('tests of behaviour and the crash harness use the public entry only', () => {
  for (const path of files(
    'test/log/*.ts',
    'test/engine/*.ts',
    'test/lifecycle/*.ts',
    'demo/*.ts',
    'examples/*.ts',
    'simulation/*.ts',
    // The harness judges the store from outside.
    'crash/*.ts',
  )) {
    for (const [, name = ''] of readFileSync(join(root, path), 'utf8').matchAll(
      /from '(.*lib\/.+?)'/g,
    )) {
      assert.match(name, /lib\/index\.ts$/, `${path} imports ${name}`)
    }
  }
})

test.run()
