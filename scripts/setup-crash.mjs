// Makes a machine ready for the crash tests on a block device of our own: system packages, and the
// two programs in crash/block-device/native. Does nothing the second time.
import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

import { hashOf, once, root, run, works } from './environment.mjs'
import { installSystemPackages } from './setup.mjs'

const sourceFolder = 'crash/block-device/native'
const programs = { server: 'block_device_server', mounter: 'mounter' }
const mounterSource = 'mounter.cc'

const crashPackages = [
  { name: 'pkg-config', isThere: () => works('pkg-config', ['--version']) },
  { name: 'fuse3', isThere: () => works('fusermount3', ['--version']) },
  { name: 'libfuse3-dev', isThere: () => works('pkg-config', ['--exists', 'fuse3']) },
  { name: 'xfsprogs', isThere: () => works('mkfs.xfs', ['-V']) },
  { name: 'e2fsprogs', isThere: () => works('mkfs.ext4', ['-V']) },
]

function compile(program, sources, flags) {
  const paths = sources.map((name) => join(root, sourceFolder, name))
  const common = ['-std=c++20', '-O2', '-Wall', '-Wextra', '-Werror']
  run('g++', [...common, ...paths, '-o', program, ...flags])
}

/** Returns the paths of the programs. Throws when something is missing. */
export function setupForCrash() {
  installSystemPackages(crashPackages)
  const folder = join(root, 'build/crash/block-device')
  const server = join(folder, programs.server)
  const mounter = join(folder, programs.mounter)
  once('crash-block-device', hashOf([sourceFolder]), existsSync(server), () => {
    console.log('setup: building the recording block device')
    mkdirSync(folder, { recursive: true })
    const names = readdirSync(join(root, sourceFolder)).filter((name) => name.endsWith('.cc'))
    const fuse = run('pkg-config', ['--cflags', '--libs', 'fuse3']).trim().split(/\s+/)
    const serverSources = names.filter((name) => name !== mounterSource)
    const defines = ['-D_FILE_OFFSET_BITS=64', '-DFUSE_USE_VERSION=314']
    compile(server, serverSources, [...defines, ...fuse])
    compile(mounter, [mounterSource], [])
  })
  return { server, mounter }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  setupForCrash()
}
