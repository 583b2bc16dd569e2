// Goal: the doctor reads what the kernel says, and takes nothing it does not know for known.
// Method: machines made of files: sysfs, /proc, and the answers of tools.
import { mkdirSync, mkdtempSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { deviceNumber, layersOf } from '../../lib/doctor/gather/block-layers.ts'
import { controlGroupFacts } from '../../lib/doctor/gather/control-group.ts'
import { deviceCacheOf } from '../../lib/doctor/gather/device-cache.ts'
import { directoryFacts, isLocked } from '../../lib/doctor/gather/directory.ts'
import { fileSystemFacts, gather } from '../../lib/doctor/gather/gather.ts'
import { ioUringFacts, limitFacts, machineFacts } from '../../lib/doctor/gather/machine.ts'
import { chooseMount, mountLines } from '../../lib/doctor/gather/mount.ts'
import { thisSystem } from '../../lib/doctor/gather/system.ts'
import { openSmall, temporaryDirectory } from '../support/temporary-directory.ts'
import { mount, systemOf } from './made-up.ts'

const mountinfo = `
21 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw,errors=remount-ro
30 21 259:1 / /data rw - xfs /dev/nvme0n1p1 rw,noquota
31 30 259:1 /log /data/log rw - xfs /dev/nvme0n1p1 rw,noquota
40 21 0:40 /@ /mnt/with\\040space rw master:3 - btrfs /dev/sdb rw,compress=zstd:3
41 21 0:50 / /data rw - tmpfs tmpfs rw,size=4k
`

test('mounts -> the kernel has the first word, then the longest point and the last of equal ones', () => {
  const lines = mountLines(mountinfo)
  const type = (path: string, id = ''): string | undefined =>
    chooseMount(lines, path, id)?.fileSystem
  assert.is(lines.length, 5)
  assert.is(type('/data/file', '30'), 'xfs')
  assert.is(type('/data/file'), 'tmpfs')
  assert.is(chooseMount(lines, '/data/log', '')?.point, '/data/log')
  assert.is(chooseMount(lines, '/data/logs', '')?.point, '/data')
  assert.is(chooseMount(lines, '/database', '')?.point, '/')
  const spaced = chooseMount(lines, '/mnt/with space/x', '')
  assert.is(spaced?.fileSystem, 'btrfs')
  assert.equal(spaced?.options, ['rw', 'compress=zstd:3'])
  assert.is(chooseMount([], '/data', ''), undefined)
  assert.equal(mountLines('nonsense\n- \n'), [])
})

test('this machine -> its mount is found', () => {
  const { mount: found, space, machine } = gather(temporaryDirectory(), thisSystem)
  assert.ok(found !== undefined && found.fileSystem !== '')
  assert.ok(space.totalBytes > 0)
  assert.match(machine.kernel, /^\d+\.\d+/)
})

const disk = {
  'sys/devices/nvme0n1/dev': '259:0\n',
  'sys/devices/nvme0n1/device/model': 'ACME 980   \n',
  'sys/devices/nvme0n1/device/serial': 'S1\n',
  'sys/devices/nvme0n1/queue/write_cache': 'write back\n',
  'sys/devices/nvme0n1/queue/fua': '1\n',
  'sys/devices/nvme0n1/queue/logical_block_size': '512\n',
  'sys/devices/nvme0n1/queue/physical_block_size': '4096\n',
  'sys/devices/nvme0n1/queue/rotational': '0\n',
  'sys/devices/nvme0n1/queue/scheduler': '[none] mq-deadline\n',
  'sys/devices/nvme0n1/nvme0n1p1/dev': '259:1\n',
  'sys/devices/nvme0n1/nvme0n1p1/partition': '1\n',
  'sys/devices/nvme0n1/nvme0n1p1/start': '2048\n',
  'sys/dev/block/259:1': '->../../devices/nvme0n1/nvme0n1p1',
}

test('partition -> its disk, with everything that sysfs has', () => {
  const [partition, drive, ...more] = layersOf(mount, systemOf(disk))
  assert.equal(more, [])
  assert.is(partition?.kind, 'partition')
  assert.is(partition?.startBytes, 1_048_576)
  assert.equal(partition?.below, ['nvme0n1'])
  assert.is(drive?.model, 'ACME 980')
  assert.is(drive?.serial, 'S1')
  assert.is(drive?.writeCache, 'write back')
  assert.is(drive?.fua, true)
  assert.is(drive?.physicalBlockBytes, 4096)
  assert.is(drive?.atomicMaxBytes, undefined, 'an older kernel has no such file')
  assert.is(drive?.isRotational, false)
  assert.is(drive?.scheduler, 'none')
  assert.is(drive?.deviceCache, '', 'nvme-cli is not there')
})

test('mapped on RAID on two disks -> every layer once, also in a circle', () => {
  const layers = layersOf(
    { ...mount, number: '253:0' },
    systemOf({
      'sys/dev/block/253:0': '->../../devices/dm-0',
      'sys/devices/dm-0/dev': '253:0',
      'sys/devices/dm-0/dm/name': 'vault',
      'sys/devices/dm-0/dm/uuid': 'CRYPT-LUKS2-1234',
      'sys/devices/dm-0/slaves/md127': '->../../md127',
      'sys/devices/md127/md/level': 'raid5',
      'sys/devices/md127/md/consistency_policy': 'resync',
      'sys/devices/md127/slaves/sda': '->../../sda',
      'sys/devices/md127/slaves/sdb': '->../../sdb',
      'sys/devices/sda/device/scsi_disk/0:0:0:0/cache_type': 'write back',
      'sys/devices/sda/queue/write_cache': 'write through',
      'sys/devices/sdb/removable': '1',
      'sys/devices/sdb/slaves/dm-0': '->../../dm-0',
    }),
  )
  assert.equal(
    layers.map(({ name, kind, detail }) => `${name} ${kind} ${detail}`),
    ['dm-0 mapped vault CRYPT', 'md127 raid raid5 resync', 'sda disk ', 'sdb disk '],
  )
  const [, , sda, sdb] = layers
  assert.is(sda?.deviceCache, 'volatile')
  assert.is(sdb?.isRemovable, true)
  assert.is(sdb?.fua, undefined)
})

test('kinds of devices -> told by their names', () => {
  const kindOf = (name: string): string | undefined =>
    layersOf(
      { ...mount, number: '7:0' },
      systemOf({
        'sys/dev/block/7:0': `->../../devices/${name}`,
        [`sys/devices/${name}/loop/backing_file`]: '/disk.img',
        [`sys/devices/${name}/bcache/cache_mode`]: 'writethrough [writeback] none',
      }),
    ).map(({ kind, detail }) => `${kind} ${detail}`.trim())[0]
  assert.is(kindOf('loop3'), 'loop /disk.img')
  assert.is(kindOf('zram0'), 'memory')
  assert.is(kindOf('nbd1'), 'network')
  assert.is(kindOf('bcache0'), 'cached writeback')
  assert.is(kindOf('vda'), 'disk')
})

test('no block device, or one that nobody knows -> no layers, and no failure', () => {
  const system = systemOf(disk)
  assert.equal(layersOf({ ...mount, number: '0:40', source: 'tmpfs' }, system), [])
  assert.equal(layersOf({ ...mount, number: '0:40', source: '/dev/none' }, system), [])
  assert.equal(layersOf({ ...mount, number: '8:99' }, system), [])
  assert.equal(layersOf(undefined, system), [])
})

test('what the device says of its cache -> from its driver, or from nvme-cli', () => {
  const of = (name: string, files: Record<string, string>, vwc = ''): string => {
    const tools = { [`nvme id-ctrl /dev/${name} -o json`]: vwc }
    const system = systemOf({ 'sys/empty': '', ...files }, tools)
    return deviceCacheOf(join(system.sys, 'block', name), name, system).says
  }
  const scsi = (text: string): Record<string, string> => ({
    'sys/block/sda/device/scsi_disk/2:0:0:0/cache_type': text,
  })
  assert.is(of('sda', scsi('write back\n')), 'volatile')
  assert.is(of('sda', scsi('write back, no read (daft)')), 'volatile')
  assert.is(of('sda', scsi('write through')), 'none')
  assert.is(of('sda', scsi('none')), 'none')
  assert.is(of('sda', scsi('')), '')
  assert.is(of('vda', { 'sys/block/vda/cache_type': 'write back' }), 'volatile')
  assert.is(of('vda', { 'sys/block/vda/cache_type': 'write through' }), 'none')
  assert.is(of('nvme0n1', {}, '{"vwc":7}'), 'volatile')
  assert.is(of('nvme0n1', {}, '{"vwc":6}'), 'none')
  assert.is(of('nvme0n1', {}, '{"vwc":"?"}'), '')
  assert.is(of('nvme0n1', {}, 'null'), '')
  assert.is(of('nvme0n1', {}, 'Permission denied'), '')
})

test('device numbers -> as the kernel writes them', () => {
  assert.is(deviceNumber(0x801n), '8:1')
  assert.is(deviceNumber((259n << 8n) | 5n), '259:5')
  assert.is(deviceNumber((8n << 8n) | 0x10n | (0x123n << 20n)), `8:${0x12310}`)
})

test('machine, limits, io_uring -> read; nothing there -> unknown', () => {
  const system = systemOf({
    'proc/sys/kernel/osrelease': '5.15.0-91-generic\n',
    'proc/cpuinfo': 'processor : 0\nflags\t: fpu sse2 hypervisor lahf_lm\n',
    'proc/self/cgroup': '0::/kubepods/pod1\n',
    'proc/self/status': 'Name:\tnode\nSeccomp:\t2\nSeccomp_filters:\t1\n',
    'proc/sys/kernel/io_uring_disabled': '1\n',
    'proc/self/limits':
      'Limit                     Soft Limit           Hard Limit           Units     \n' +
      'Max file size             unlimited            unlimited            bytes     \n' +
      'Max open files            1024                 524288               files     \n' +
      'Max locked memory         65536                65536                bytes     \n',
    'sys/class/dmi/id/product_name': 'Standard PC\n',
    'sys/kernel/mm/transparent_hugepage/enabled': 'always [madvise] never\n',
  })
  const machine = machineFacts(system)
  assert.is(machine.kernel, '5.15.0-91-generic')
  assert.is(machine.isVirtual, true)
  assert.is(machine.product, 'Standard PC')
  assert.match(machine.container, /kubepods/)
  assert.equal(ioUringFacts(system), { disabled: '1', seccomp: '2' })
  assert.equal(limitFacts(system), {
    lockedMemoryBytes: 65_536,
    fileBytes: 'unlimited',
    openFiles: 1024,
  })
  const bare = systemOf({ 'proc/cpuinfo': 'flags : fpu sse2\n', '.dockerenv': '' })
  assert.is(machineFacts(bare).isVirtual, false)
  assert.match(machineFacts(bare).container, /dockerenv/)
  assert.equal(ioUringFacts(bare), { disabled: '', seccomp: '' })
  const unknown = { lockedMemoryBytes: undefined, fileBytes: undefined, openFiles: undefined }
  assert.equal(limitFacts(bare), unknown)
  const arm = (product: string): boolean | undefined =>
    machineFacts(
      systemOf({ 'proc/cpuinfo': 'Features : fp', 'sys/class/dmi/id/product_name': product }),
    ).isVirtual
  assert.is(arm('KVM Virtual Machine'), true)
  assert.is(arm('m7g.metal'), false)
  assert.is(arm('ThinkSystem'), false)
  assert.is(arm(''), undefined)
  assert.is(machineFacts(systemOf({ 'proc/x': '' })).container, '')
})

test('control groups -> both kinds, and those above', () => {
  const found = controlGroupFacts(
    systemOf({
      'proc/self/cgroup': '3:blkio:/jobs\n1:cpu,cpuacct:/x\n0::/a/b\n',
      'sys/fs/cgroup/a/io.max':
        '259:0 rbps=max wbps=1048576 riops=max wiops=120\n8:0 rbps=5 wbps=max\n',
      'sys/fs/cgroup/a/b/cpu.max': '50000 100000\n',
      'sys/fs/cgroup/a/cpu.max': 'max 100000\n',
      'sys/fs/cgroup/blkio/jobs/blkio.throttle.write_iops_device': '8:16 50\n',
    }),
  )
  assert.is(found.processors, 0.5)
  assert.equal(
    found.writeLimits.map(({ number, writesPerSecond, bytesPerSecond }) => [
      number,
      writesPerSecond,
      bytesPerSecond,
    ]),
    [
      ['259:0', 120, 1_048_576],
      ['8:16', 50, undefined],
    ],
  )
  assert.equal(controlGroupFacts(systemOf({ 'proc/x': '' })), {
    writeLimits: [],
    processors: undefined,
  })
})

test('ext4 and ZFS -> journal, errors, sync', () => {
  const system = (task: string): ReturnType<typeof systemOf> =>
    systemOf(
      { 'sys/fs/ext4/sda1/journal_task': task, 'sys/fs/ext4/sda1/errors_count': '2\n' },
      { 'zfs get -H -o value sync tank/log': 'disabled\n' },
    )
  const ext4 = fileSystemFacts(mount, 'sda1', system('311\n'))
  assert.equal(ext4, { hasJournal: true, errors: 2, zfsSync: '' })
  assert.is(fileSystemFacts(mount, 'sda1', system('<none>\n')).hasJournal, false)
  assert.is(fileSystemFacts(mount, 'sdb1', system('311\n')).hasJournal, undefined)
  const zfs = { ...mount, fileSystem: 'zfs', source: 'tank/log' }
  assert.is(fileSystemFacts(zfs, undefined, system('')).zfsSync, 'disabled')
})

test('directory -> log, store, lock, leftovers by names only', async () => {
  const path = temporaryDirectory()
  assert.is(directoryFacts(path, thisSystem).log, undefined)
  const log = await openSmall({}, path)
  await log.commit(Buffer.from('x'))
  const open = directoryFacts(path, thisSystem).log
  assert.ok(open !== undefined && open.segments > 0)
  assert.is(open?.segmentBytes, 256 * 1024)
  assert.is(open?.isInUse, true)
  await log.close()
  assert.is(directoryFacts(path, thisSystem).log?.isInUse, false)
  writeFileSync(join(path, 'pages'), '')
  mkdtempSync(join(path, 'seawall-doctor-scratch-'))
  const store = directoryFacts(path, thisSystem)
  assert.is(store.log?.isStore, true)
  assert.is(store.leftovers.length, 1)
  assert.is(isLocked(join(path, 'none'), ''), false)
  // Only half of a log is none.
  const half = temporaryDirectory()
  mkdirSync(join(half, 'wal'))
  assert.is(directoryFacts(half, thisSystem).log, undefined)
  assert.equal(readdirSync(half), ['wal'])
})

test('a symbolic link to a directory -> the directory behind it', () => {
  const target = temporaryDirectory()
  const link = join(temporaryDirectory(), 'link')
  symlinkSync(target, link)
  assert.is(gather(link, thisSystem).directory.path, target)
})

test.run()
