// Makes a fresh machine ready: system packages, npm packages, the addon. Says what it does; does
// nothing the second time.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

import { hashOf, once, root, run, works } from './environment.mjs'

const testAddon = 'simulation/addon/build/Release/seawall_simulated.node'

const say = (text) => console.log(`setup: ${text}`)

// Debian's package, and how to see that it is not needed.
const systemPackages = [
  { name: 'g++', isThere: () => works('g++', ['--version']) },
  { name: 'make', isThere: () => works('make', ['--version']) },
  { name: 'python3', isThere: () => works('python3', ['--version']) },
  { name: 'cmake', isThere: () => works('cmake', ['--version']) },
  { name: 'pkg-config', isThere: () => works('pkg-config', ['--version']) },
  {
    name: 'liburing-dev',
    isThere: () => works('pkg-config', ['--exists', 'liburing']),
    optional: true,
  },
]
// What only the tests use: a second file system to run on, a browser for the report of the benchmarks.
const testPackages = [
  { name: 'xfsprogs', isThere: () => works('mkfs.xfs', ['-V']), optional: true },
  { name: 'chromium', isThere: () => works('/usr/bin/chromium', ['--version']) },
]

/** With apt-get, where that is possible. Throws when one that is needed cannot be had. */
export function installSystemPackages(packages) {
  const withoutLiburing = process.env.SEAWALL_LIBURING === '0'
  const wanted = packages.filter((p) => !(withoutLiburing && p.name === 'liburing-dev'))
  const missing = wanted.filter((p) => !p.isThere())
  if (missing.length === 0) return
  const names = missing.map((p) => p.name)
  const prefix =
    process.getuid?.() === 0 ? [] : works('sudo', ['-n', 'true']) ? ['sudo', '-n'] : undefined
  if (works('apt-get', ['--version']) && prefix !== undefined) {
    say(`installing ${names.join(', ')} with apt-get`)
    const aptGet = [...prefix, 'apt-get', '-y', '-qq', '-o', 'Dpkg::Use-Pty=0']
    try {
      run(aptGet[0], [...aptGet.slice(1), 'update'])
      run(aptGet[0], [...aptGet.slice(1), 'install', '--no-install-recommends', ...names], {
        env: { DEBIAN_FRONTEND: 'noninteractive' },
      })
    } catch (error) {
      say(String(error.message))
    }
  }
  const stillMissing = missing.filter((p) => !p.isThere())
  const needed = stillMissing.filter((p) => !p.optional).map((p) => p.name)
  if (needed.length > 0) throw new Error(`please install: ${needed.join(', ')}`)
  for (const { name } of stillMissing) say(`going on without ${name}`)
}

function installNpmPackages() {
  const key = hashOf(['package.json', 'package-lock.json'])
  once('npm', key, existsSync(join(root, 'node_modules/typescript')), () => {
    say('installing npm packages')
    run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'])
  })
}

function buildAddon() {
  const liburing = run(process.execPath, ['scripts/detect-liburing.mjs']).trim()
  const sources = ['native', 'bindings.gyp', 'scripts/native-sources.mjs', 'package-lock.json']
  const isThere = existsSync(join(root, 'native/build/Release/seawall.node'))
  once('addon', `${hashOf(sources)} ${liburing}`, isThere, () => {
    say(`building the addon (${liburing === '1' ? 'io_uring and threads' : 'threads only'})`)
    run('node-gyp', ['configure', 'build', '-C', 'native', '-j', '2'])
  })
}

// The same with a simulated disk, for the tests that cut the power.
function buildTestAddon() {
  const sources = ['native', 'simulation/addon', 'simulation/device', 'package-lock.json']
  const isThere = existsSync(join(root, testAddon))
  once('test-addon', hashOf(sources), isThere, () => {
    say('building the addon with a simulated disk')
    run('node-gyp', ['configure', 'build', '-C', 'simulation/addon', '-j', '2'])
  })
}

export function setup({ forTests = false } = {}) {
  if (process.platform !== 'linux') throw new Error('Seawall runs on Linux only')
  installSystemPackages(forTests ? [...systemPackages, ...testPackages] : systemPackages)
  installNpmPackages()
  buildAddon()
  if (forTests) buildTestAddon()
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  setup()
  say('ready')
}
