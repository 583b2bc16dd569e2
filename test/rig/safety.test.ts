// Goal: the rig overwrites nothing that anybody may want.
// Method: a sysfs and a /proc made of files; device beginnings made by hand.
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { openProbes, type ProbeOptions } from '../../lib/rig/agent/open-probes.ts'
import { checkDevice, contentOf, inUseBecause } from '../../lib/rig/agent/safety.ts'
import { signatureOf } from '../../lib/rig/agent/signatures.ts'
import { type BlockDevice, blockDevice, serialOf } from '../../lib/rig/agent/system-files.ts'
import { writeBlock } from '../../lib/rig/workload/block-content.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const blank = Buffer.alloc(128 * 1024)

function machine(files: Record<string, string> = {}): {
  paths: { sys: string; proc: string }
  disk: BlockDevice
} {
  const root = temporaryDirectory()
  const put = (path: string, text: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  put('sys/block/nvme0n1/dev', '259:0\n')
  put('sys/block/nvme0n1/device/serial', 'S4EWNX0R123456  \n')
  put('proc/self/mountinfo', '21 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n')
  for (const [path, text] of Object.entries(files)) put(path, text)
  mkdirSync(join(root, 'sys/dev/block'), { recursive: true })
  symlinkSync('../../block/nvme0n1', join(root, 'sys/dev/block/259:0'))
  const paths = { sys: join(root, 'sys'), proc: join(root, 'proc') }
  const disk = blockDevice('259:0', paths)
  assert.ok(disk)
  return { paths, disk: disk as BlockDevice }
}

const partition = {
  'sys/block/nvme0n1/nvme0n1p1/partition': '1',
  'sys/block/nvme0n1/nvme0n1p1/dev': '259:1',
}

test('a blank disk that nobody uses -> taken; with a wrong serial number -> refused', () => {
  const { paths, disk } = machine()
  assert.is(serialOf(disk), 'S4EWNX0R123456')
  checkDevice('/dev/nvme0n1', disk, blank, undefined, paths)
  checkDevice('/dev/nvme0n1', disk, blank, 'S4EWNX0R123456', paths)
  assert.throws(
    () => checkDevice('/dev/nvme0n1', disk, blank, 'S4', paths),
    /the device says 'S4EW/,
  )
})

test('something on it -> refused with its serial number and what would be lost, taken when typed', () => {
  const cases: [Record<string, string>, Buffer, RegExp][] = [
    [partition, blank, /partitions nvme0n1p1/],
    [{}, Buffer.concat([Buffer.from('XFSB'), blank]), /an XFS file system/],
    [{}, Buffer.alloc(128 * 1024, 1), /unknown kind/],
  ]
  for (const [files, head, what] of cases) {
    const { paths, disk } = machine(files)
    assert.throws(() => checkDevice('/dev/x', disk, head, undefined, paths), what)
    assert.throws(
      () => checkDevice('/dev/x', disk, head, undefined, paths),
      /--serial S4EWNX0R123456/,
    )
    checkDevice('/dev/x', disk, head, 'S4EWNX0R123456', paths)
  }
})

test('mounted, swapped to, or with something built on it -> refused whatever is typed', () => {
  const mount = (number: string, source: string): Record<string, string> => ({
    'proc/self/mountinfo': `30 1 ${number} / /data rw - ext4 ${source} rw\n`,
  })
  const cases: [Record<string, string>, RegExp][] = [
    [mount('259:0', '/dev/nvme0n1'), /mounted on \/data/],
    [{ ...partition, ...mount('259:1', '/dev/nvme0n1p1') }, /mounted on \/data/],
    [mount('0:40', '/dev/nvme0n1'), /mounted on \/data/],
    [{ 'proc/swaps': 'Filename Type\n/dev/nvme0n1  partition 1\n' }, /swap space/],
    [{ 'sys/block/nvme0n1/holders/dm-0/dev': '' }, /dm-0 is built on it/],
  ]
  for (const [files, why] of cases) {
    const { paths, disk } = machine(files)
    assert.match(inUseBecause(disk, paths) ?? '', why)
    assert.throws(() => checkDevice('/dev/x', disk, blank, 'S4EWNX0R123456', paths), why)
  }
})

test('no serial number -> says what to do instead', () => {
  const { paths, disk } = machine({ 'sys/block/nvme0n1/device/serial': '' })
  assert.throws(
    () => checkDevice('/dev/x', disk, Buffer.alloc(4096, 1), undefined, paths),
    /no serial number/,
  )
})

test("the rig's own blocks -> nothing that would be lost", () => {
  const { disk } = machine()
  const head = Buffer.from(blank)
  const identity = { seed: 1, run: Buffer.alloc(16) }
  writeBlock(head, 0, 4096, identity, { block: 0, seq: 3, previous: 0 })
  assert.is(contentOf(disk, head), undefined)
})

test('signatures -> found at their places', () => {
  for (const [at, bytes, name] of [
    [1080, '53ef', /ext4/],
    [510, '55aa', /MBR/],
    [512, '4546492050415254', /GPT/],
    [4086, Buffer.from('SWAPSPACE2').toString('hex'), /swap/],
    [0x10040, Buffer.from('_BHRfS_M').toString('hex'), /Btrfs/],
    [0, '4c554b53babe', /LUKS/],
  ] as const) {
    const head = Buffer.from(blank)
    Buffer.from(bytes, 'hex').copy(head, at)
    assert.match(signatureOf(head) ?? '', name)
  }
  assert.is(signatureOf(blank), undefined)
})

test('files and directories of others -> refused and left alone; its own -> taken again', async () => {
  const directory = temporaryDirectory()
  const path = join(directory, 'mine')
  writeFileSync(path, 'precious')
  const options: ProbeOptions = {
    bytes: 65_536,
    mode: 'mixed',
    depth: 2,
    maxWriteBytes: 4096,
    lanes: 4,
    deviceTimeoutMs: 0,
  }
  const errors = async (targets: Partial<ProbeOptions>): Promise<string[]> => {
    const probes = await openProbes({ ...options, ...targets })
    for (const probe of probes) await probe.stop()
    return probes.map(({ hello }) => hello.error ?? '')
  }
  const refused = await errors({ file: path, engine: directory, device: path })
  assert.match(refused[0] ?? '', /not a block device/)
  assert.match(refused[1] ?? '', /the rig has not made it/)
  assert.match(refused[2] ?? '', /not empty/)
  const own = { file: join(directory, 'rig'), engine: join(directory, 'engine') }
  assert.equal(await errors(own), ['', ''])
  assert.equal(await errors(own), ['', ''])
})

test.run()
