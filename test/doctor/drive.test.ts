// Goal: what the doctor says of file system, mount options and drive follows from what was found;
// a flush that does not reach the drive is never called good.
// Method: every branch of the checks with made-up facts.
import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { checkAtomicWrites, checkBlocks } from '../../lib/doctor/checks/blocks.ts'
import { checkDirectIO } from '../../lib/doctor/checks/direct-io.ts'
import { checkDevices, checkWriteLimits } from '../../lib/doctor/checks/drive.ts'
import { checkFileSystem } from '../../lib/doctor/checks/file-system.ts'
import { checkMountOptions } from '../../lib/doctor/checks/mount-options.ts'
import { checkWriteCache } from '../../lib/doctor/checks/write-cache.ts'
import type { BlockLayer, FileSystemFacts } from '../../lib/doctor/facts.ts'
import { drive, facts, inLines, machine, mount } from './made-up.ts'

test('file systems -> each kind judged', () => {
  const of = (fileSystem: string, given: Partial<FileSystemFacts> = {}): string =>
    inLines(checkFileSystem({ ...mount, fileSystem }, { ...facts.fileSystem, ...given }))
  for (const type of ['ext4', 'ext3', 'xfs']) assert.match(of(type), /^good .*in place/, type)
  for (const type of ['tmpfs', 'ramfs']) assert.match(of(type), /^problem .*is memory/, type)
  for (const type of ['nfs', 'nfs4', 'cifs', '9p', 'virtiofs', 'ceph']) {
    assert.match(of(type), /^warning .*another machine or by the host/, type)
  }
  for (const type of ['fuse', 'fuseblk', 'fuse.sshfs'])
    assert.match(of(type), /^warning .*a program/)
  for (const type of ['ext2', 'vfat'])
    assert.match(of(type), /^warning .*no journal.*Use ext4/, type)
  assert.match(of('overlay'), /^warning .*layers/)
  assert.match(of('ext4', { hasJournal: false }), /^warning .*no journal.*tune2fs/)
  assert.match(of('ext4', { hasJournal: undefined }), /^good/)
  assert.match(
    of('ext4', { errors: 3 }),
    /^good .*\nproblem file-system-errors: .* 3 errors.*e2fsck/,
  )
  assert.match(of('btrfs'), /^note .*copy on write.*chattr \+C/)
  assert.match(of('bcachefs'), /^note .*copy on write/)
  assert.match(of('zfs', { zfsSync: 'disabled' }), /^problem .*sync=disabled/)
  assert.match(of('zfs', { zfsSync: 'standard' }), /^note .*obeys flushes/)
  assert.match(of('zfs'), /^note .*could not be found out/)
  assert.match(of('somefs'), /^note .*knows nothing/)
  assert.match(inLines(checkFileSystem(undefined, facts.fileSystem)), /^note .*could not be found/)
})

test('mount options -> those that drop flushes are problems, those that cost are warnings', () => {
  const of = (fileSystem: string, ...options: string[]): string =>
    inLines(checkMountOptions({ ...mount, fileSystem, options: ['rw', ...options] }))
  assert.match(of('ext4', 'relatime'), /^good .*rw,relatime/)
  const dropped: [string, string][] = [
    ['ext4', 'nobarrier'],
    ['ext4', 'barrier=0'],
    ['xfs', 'nobarrier'],
    ['btrfs', 'nobarrier'],
    ['f2fs', 'fsync_mode=nobarrier'],
    ['overlay', 'volatile'],
    ['overlay', 'fsync=volatile'],
    ['cifs', 'nostrictsync'],
    ['bcachefs', 'journal_flush_disabled'],
  ]
  for (const [type, option] of dropped) {
    assert.match(of(type, option), new RegExp(`^problem .*with ${option}: `), option)
  }
  assert.match(of('ext4', 'data=journal'), /^warning .*twice/)
  assert.match(of('ext4', 'sync'), /^warning .*every single write/)
  assert.match(of('nfs4', 'soft', 'nolock'), /^warning .*soft.*\nwarning .*nolock/)
  assert.match(of('btrfs', 'notreelog'), /^warning/)
  // The same words mean nothing elsewhere.
  assert.match(of('ext4', 'volatile', 'soft', 'barrier=1', 'async'), /^good/)
  assert.match(inLines(checkMountOptions({ ...mount, options: ['ro'] })), /^problem read-only: /)
  assert.equal(checkMountOptions(undefined), [])
})

test('direct I/O -> alignment, refusal, not tried', () => {
  const trial = { backend: 'threads', backendReason: '', directIO: true, ioAlignmentBytes: 4096 }
  assert.match(inLines(checkDirectIO(trial, mount)), /^good .*accepted.*4096 bytes/)
  const refused = { ...trial, directIO: false }
  assert.match(inLines(checkDirectIO(refused, mount)), /^warning .*page cache/)
  assert.match(inLines(checkDirectIO(refused, { ...mount, fileSystem: 'tmpfs' })), /^note/)
  assert.match(inLines(checkDirectIO(undefined, mount)), /^note .*not tried/)
})

test('write cache -> sysfs held against the device', () => {
  const of = (given: Partial<BlockLayer>): string =>
    inLines(checkWriteCache([{ ...drive, ...given }]))
  const through = { writeCache: 'write through' }
  assert.match(of({}), /^good .*has a volatile write cache.*\(FUA\)/)
  assert.match(of({ fua: false }), /^good .*without FUA/)
  assert.match(of({ deviceCache: 'none' }), /^good .*no volatile cache to flush/)
  assert.match(of({ deviceCache: '' }), /^good .*has a volatile/)
  assert.match(
    of(through),
    /^problem .*believes "write through".*nvme id-ctrl.*loses what.*echo "write back"/,
  )
  assert.match(
    of({ ...through, deviceCache: 'none', fua: false }),
    /^good .*no volatile write cache/,
  )
  assert.match(
    of({ ...through, deviceCache: '', fua: true }),
    /^problem .*announced FUA.*overridden/,
  )
  const unknown = { ...through, deviceCache: '', fua: false } as const
  assert.match(of(unknown), /^note .*cannot be known here.*vwc must be 0/)
  assert.match(of({ ...unknown, name: 'sda' }), /^note .*cannot be known here.*data sheet/)
  assert.match(of({ ...unknown, name: 'loop0', kind: 'loop' }), /^problem .*loop device announces/)
  assert.match(of({ writeCache: '' }), /^note .*could not be found out/)
})

test('a layer that passes no flush on to a drive with a cache -> a warning', () => {
  const mapped: BlockLayer = {
    ...drive,
    name: 'dm-0',
    kind: 'mapped',
    writeCache: 'write through',
    deviceCache: '',
    fua: false,
    below: ['nvme0n1'],
  }
  assert.match(
    inLines(checkWriteCache([mapped, drive])),
    /warning flush-path: dm-0 passes no flush on/,
  )
  const [partition] = facts.layers
  const onPartition = { ...mapped, below: ['nvme0n1p1'] }
  const path = [onPartition, partition as BlockLayer, drive]
  assert.match(inLines(checkWriteCache(path)), /warning flush-path: dm-0 .* nvme0n1 below/)
  const safe: BlockLayer = {
    ...drive,
    writeCache: 'write through',
    deviceCache: 'none',
    fua: false,
  }
  assert.not.match(inLines(checkWriteCache([mapped, safe])), /flush-path/)
  const whole = { ...mapped, writeCache: 'write back' }
  assert.not.match(inLines(checkWriteCache([whole, drive])), /flush-path|problem/)
})

test('kinds of drives -> what each is worth', () => {
  const of = (given: Partial<BlockLayer>, isVirtual = false): string =>
    inLines(checkDevices([{ ...drive, ...given }], mount, { ...machine, isVirtual }))
  assert.is(of({}), 'good drive: The file system is on nvme0n1 (ACME 980, serial S1). -> ')
  assert.match(of({ kind: 'memory', name: 'zram0' }), /problem drive-kind: zram0 is memory/)
  assert.match(of({ kind: 'network', name: 'nbd0' }), /note drive-kind: nbd0 is kept by another/)
  assert.match(of({ kind: 'loop', name: 'loop0', detail: '/d/f' }), /note .*is the file \/d\/f on/)
  assert.match(of({ kind: 'cached', detail: 'writeback' }), /note .*writeback mode/)
  assert.not.match(of({ kind: 'cached', detail: 'writethrough' }), /note/)
  for (const detail of ['raid5 resync', 'raid6', 'raid5 bitmap']) {
    assert.match(of({ kind: 'raid', detail }), /warning drive-kind: .*write hole/, detail)
  }
  for (const detail of ['raid5 ppl', 'raid6 journal', 'raid1 resync', 'raid10 bitmap', 'raid0']) {
    assert.not.match(of({ kind: 'raid', detail }), /warning/, detail)
  }
  assert.match(of({ isRemovable: true }), /warning removable/)
  assert.match(of({ name: 'mmcblk0' }), /warning removable/)
  assert.match(of({ isRotational: true }), /note rotational/)
  assert.not.match(of({ isRotational: true }, true), /rotational/, 'what a host says of itself')
  assert.match(of({ scheduler: 'bfq' }), /note scheduler/)
  assert.match(inLines(checkDevices([], mount, machine)), /^note .*could not be found out/)
  const memory = { ...mount, fileSystem: 'tmpfs' }
  assert.match(inLines(checkDevices([], memory, machine)), /no drive below memory/)
})

test('blocks, alignment of partitions, atomic writes', () => {
  assert.match(inLines(checkBlocks(facts.layers)), /^good .*512 bytes \(4096 inside\)[^\n]*$/)
  assert.match(inLines(checkBlocks([{ ...drive, physicalBlockBytes: 16_384 }])), /^note .*smaller/)
  assert.match(inLines(checkBlocks([])), /^note .*could not/)
  const [partition] = facts.layers
  assert.ok(partition)
  const old = { ...(partition as BlockLayer), startBytes: 63 * 512 }
  assert.match(inLines(checkBlocks([old, drive])), /warning partition-alignment: .*byte 32256/)
  const large = { ...drive, physicalBlockBytes: 16_384 }
  const odd = { ...old, startBytes: 4096 }
  assert.match(inLines(checkBlocks([odd, large])), /no multiple of 16384/)
  const atomic = (given: Partial<BlockLayer>): string =>
    inLines(checkAtomicWrites([{ ...drive, ...given }]))
  assert.match(atomic({}), /^good .*nothing beyond single blocks/)
  assert.match(atomic({ atomicMaxBytes: undefined }), /^note .*cannot be known/)
  assert.match(
    atomic({ atomicMinBytes: 4096, atomicMaxBytes: 65_536 }),
    /^good .*4 KiB to 64 KiB whole or not at all\. /,
  )
  assert.match(atomic({ atomicMaxBytes: 4096, atomicBoundaryBytes: 8192 }), /multiples of 8 KiB/)
  assert.equal(checkAtomicWrites([]), [])
})

test('limits of a control group -> those of these devices only', () => {
  const limit = {
    number: '259:0',
    writesPerSecond: 100,
    bytesPerSecond: 2 ** 20,
    file: '/g/io.max',
  }
  const of = (number: string): string =>
    inLines(
      checkWriteLimits(
        { writeLimits: [{ ...limit, number }], processors: undefined },
        facts.layers,
      ),
    )
  assert.match(of('259:0'), /^warning .*100 writes and 1 MiB a second.*\/g\/io.max/)
  assert.match(of('8:0'), /^good/)
})

test.run()
