// What the crash tests in an emulated machine need: QEMU, a kernel, a disk with node on it, and the
// first file system of the machine (initramfs) with this project in it. Does nothing the second
// time.
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'

import { hashOf, once, root, run, works } from './environment.mjs'
import { installSystemPackages } from './setup.mjs'

const folder = join(root, 'build/crash/machine')
const kernelMeta = 'linux-image-cloud-amd64'
// In the order in which they can be loaded.
const kernelModules = [
  ...['virtio', 'virtio_ring', 'virtio_pci_legacy_dev', 'virtio_pci_modern_dev', 'virtio_pci'],
  ...['virtio_blk', 'virtio_console', 'libcrc32c', 'xfs'],
]
// What runs in the machine, beside the addon.
const guestSources = ['lib', 'crash/machine/guest', 'crash/machine/plan', 'test/support/random.ts']
const guestCommands = ['sh', 'mount', 'umount', 'cat', 'insmod', 'poweroff', 'sleep']
const addon = 'native/build/Release/seawall.node'

const machinePackages = [
  { name: 'qemu-system-x86', isThere: () => works('qemu-system-x86_64', ['--version']) },
  { name: 'seabios', isThere: () => existsSync('/usr/share/seabios') },
  { name: 'busybox-static', isThere: () => works('busybox', ['true']) },
  { name: 'cpio', isThere: () => works('cpio', ['--version']) },
  { name: 'binutils', isThere: () => works('strip', ['--version']) },
  { name: 'xfsprogs', isThere: () => works('mkfs.xfs', ['-V']) },
  { name: 'e2fsprogs', isThere: () => works('mkfs.ext4', ['-V']) },
]

function filesBelow(path) {
  if (!statSync(path).isDirectory()) return [path]
  return readdirSync(path).flatMap((name) => filesBelow(join(path, name)))
}

/** Runs `work` with a folder that is gone afterwards. */
function inFolder(name, work) {
  const path = join(folder, name)
  rmSync(path, { recursive: true, force: true })
  mkdirSync(path, { recursive: true })
  try {
    return work(path)
  } finally {
    rmSync(path, { recursive: true, force: true })
  }
}

function currentKernel() {
  const depends = run('apt-cache', ['depends', kernelMeta])
  return /Depends: (linux-image-\S+)/.exec(depends)?.[1]
}

/** The kernel and its modules from Debian's package, unless one was fetched before. */
function fetchKernel() {
  const kernel = join(folder, 'vmlinuz')
  const isComplete = kernelModules.every((name) => existsSync(join(folder, `${name}.ko`)))
  if (existsSync(kernel) && isComplete) return
  console.log('setup: fetching a kernel for the emulated machine')
  inFolder('unpacked', (unpacked) => {
    let name = currentKernel()
    if (name === undefined) {
      run('apt-get', ['update', '-qq'])
      name = currentKernel()
    }
    if (name === undefined) throw new Error(`apt knows no ${kernelMeta}`)
    run('apt-get', ['download', name], { cwd: unpacked })
    const archive = readdirSync(unpacked).find((file) => file.endsWith('.deb'))
    run('dpkg', ['-x', join(unpacked, archive), unpacked])
    const modules = filesBelow(join(unpacked, 'lib/modules'))
    for (const module of kernelModules) {
      const from = modules.find((path) => path.endsWith(`/${module}.ko`))
      if (from === undefined) throw new Error(`${name} has no module ${module}`)
      copyFileSync(from, join(folder, `${module}.ko`))
    }
    const boot = join(unpacked, 'boot')
    const image = readdirSync(boot).find((file) => file.startsWith('vmlinuz'))
    copyFileSync(join(boot, image), kernel)
  })
}

/** The shared libraries of a program, and the loader. */
function librariesOf(path) {
  return [...run('ldd', [path]).matchAll(/(\/\S+)\s+\(/g)].map(([, library]) => library)
}

/** A disk image with node and the libraries of node and of the addon. */
function makeNodeDisk() {
  const image = join(folder, 'node.img')
  const key = `${process.version} ${process.execPath} ${statSync(process.execPath).size}`
  once('crash-machine-node', key, existsSync(image), () => {
    console.log('setup: making a disk with node for the emulated machine')
    inFolder('node', (content) => {
      run('strip', ['-o', join(content, 'node'), process.execPath])
      chmodSync(join(content, 'node'), 0o755)
      const libraries = [process.execPath, join(root, addon)].flatMap(librariesOf)
      for (const path of new Set(libraries))
        copyFileSync(path, join(content, path.split('/').pop()))
      const bytes = filesBelow(content).reduce((sum, path) => sum + statSync(path).size, 0)
      const mebibytes = Math.ceil((bytes * 1.1) / 2 ** 20) + 8
      rmSync(image, { force: true })
      const options = ['-q', '-F', '-O', '^has_journal', '-m', '0', '-d', content]
      run('mkfs.ext4', [...options, image, `${mebibytes}M`])
    })
  })
}

/** What node runs in the machine: it has no tsx there, and no time for it. */
function writeProject(typescript, into) {
  const compilerOptions = {
    target: typescript.ScriptTarget.ES2022,
    module: typescript.ModuleKind.ESNext,
    verbatimModuleSyntax: true,
    rewriteRelativeImportExtensions: true,
  }
  const sources = guestSources.flatMap((path) => filesBelow(join(root, path)))
  for (const source of sources.filter((path) => path.endsWith('.ts'))) {
    const target = join(into, source.slice(root.length + 1).replace(/\.ts$/, '.js'))
    mkdirSync(dirname(target), { recursive: true })
    const text = readFileSync(source, 'utf8')
    const { outputText } = typescript.transpileModule(text, { compilerOptions })
    writeFileSync(target, outputText)
  }
  copyFileSync(join(root, 'package.json'), join(into, 'package.json'))
}

function makeInitramfs(typescript) {
  const image = join(folder, 'initramfs.gz')
  const key = hashOf([...guestSources, 'scripts/setup-machine.mjs', addon])
  once('crash-machine-initramfs', key, existsSync(image), () => {
    inFolder(`initramfs-${process.pid}`, (content) => {
      fillInitramfs(typescript, content)
      // Under its name only when it is complete: another run may be at it too.
      const made = `${image}.${process.pid}`
      run('sh', ['-c', `find . | cpio -o -H newc --quiet | gzip -1 > ${made}`], { cwd: content })
      renameSync(made, image)
    })
  })
}

function fillInitramfs(typescript, content) {
  for (const name of [
    'bin',
    'proc',
    'sys',
    'dev',
    'tools',
    'device',
    'modules',
    'project/native',
  ]) {
    mkdirSync(join(content, name), { recursive: true })
  }
  for (const name of kernelModules) {
    copyFileSync(join(folder, `${name}.ko`), join(content, 'modules', `${name}.ko`))
  }
  writeFileSync(join(content, 'modules/order'), `${kernelModules.join('\n')}\n`)
  copyFileSync(run('which', ['busybox']).trim(), join(content, 'bin/busybox'))
  for (const name of guestCommands) symlinkSync('busybox', join(content, 'bin', name))
  symlinkSync('/tools', join(content, 'lib64'))
  copyFileSync(join(root, 'crash/machine/guest/init'), join(content, 'init'))
  chmodSync(join(content, 'init'), 0o755)
  copyFileSync(join(root, addon), join(content, 'project/native/seawall.node'))
  writeProject(typescript, join(content, 'project'))
}

/** Throws when something is missing. */
export async function setupMachine() {
  if (process.arch !== 'x64') throw new Error('the kernel of the emulated machine is for x64')
  installSystemPackages(machinePackages)
  mkdirSync(folder, { recursive: true })
  fetchKernel()
  makeNodeDisk()
  const { default: typescript } = await import('typescript')
  makeInitramfs(typescript)
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await setupMachine()
}
