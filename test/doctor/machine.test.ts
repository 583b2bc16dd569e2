// Goal: what the doctor says of kernel, io_uring, limits and directory follows from what was found.
// Method: every branch of the checks with made-up facts.
import { test } from 'uvu'
import * as assert from 'uvu/assert'

import {
  checkDirectory,
  checkFileSize,
  checkFreeFiles,
  checkOpenFiles,
  checkSpace,
} from '../../lib/doctor/checks/directory.ts'
import { checkAddon, checkIoUring, checkLockedMemory } from '../../lib/doctor/checks/io-uring.ts'
import {
  checkContainer,
  checkHugePages,
  checkKernel,
  checkProcessors,
  checkVirtualMachine,
  isKernelFrom,
} from '../../lib/doctor/checks/machine.ts'
import type { IoUringFacts, LogTrial } from '../../lib/doctor/facts.ts'
import { directory, facts, inLines, machine } from './made-up.ts'

test('kernel versions -> compared as numbers, not as text', () => {
  assert.is(isKernelFrom('6.10.3', 6, 9), true)
  assert.is(isKernelFrom('5.15.0-91-generic', 6, 1), false)
  assert.is(isKernelFrom('6.1', 6, 1), true)
  assert.is(isKernelFrom('10.0.1', 6, 1), true)
  assert.is(isKernelFrom('unknown', 6, 1), undefined)
})

test('kernel -> good from 6.1, a note of what is missing before', () => {
  const of = (kernel: string): string => inLines(checkKernel({ ...machine, kernel }))
  assert.match(of('6.1.0'), /^good .*everything/)
  assert.match(of('5.15.0'), /^note .*lacks what polled commits/)
  assert.match(of('5.4.0'), /^note .*io_uring as Seawall uses it/)
  assert.match(of(''), /^note .*could not be found out/)
})

test('virtual machine -> the host is named as what cannot be seen; VirtualBox is warned of', () => {
  assert.match(inLines(checkVirtualMachine(machine)), /^good .*No hypervisor/)
  const guest = { ...machine, isVirtual: true, product: 'QEMU Standard PC' }
  assert.match(inLines(checkVirtualMachine(guest)), /^note .*\(QEMU Standard PC\).*cannot be seen/)
  assert.match(inLines(checkVirtualMachine({ ...guest, product: '' })), /machine: a flush/)
  const dark = { ...machine, isVirtual: undefined }
  assert.match(inLines(checkVirtualMachine(dark)), /^note .*could not be found out/)
  const box = { ...guest, product: 'innotek GmbH VirtualBox' }
  assert.match(inLines(checkVirtualMachine(box)), /^warning .*ignore flushes.*IgnoreFlush/)
})

test('processors -> a note for one of them, and for a quota below two', () => {
  const of = (processors: number, quota?: number): string =>
    inLines(checkProcessors({ ...machine, processors }, { writeLimits: [], processors: quota }))
  assert.match(of(8), /^good .*8 processors/)
  assert.match(of(8, 4), /^good/)
  assert.match(of(1), /^note .*take turns/)
  assert.match(of(8, 0.5), /^note .*allows 0\.5 of 8/)
})

test('large pages, container -> told apart', () => {
  const pages = (hugePages: string): string => inLines(checkHugePages({ ...machine, hugePages }))
  assert.match(pages('[always] madvise never'), /^good .*\(always\)/)
  assert.match(pages('always madvise [never]'), /^note .*switched off.*echo madvise/)
  assert.match(pages(''), /^note .*could not be found out/)
  assert.match(inLines(checkContainer(machine, 'ext4')), /^good .*No sign/)
  const inside = { ...machine, container: '/.dockerenv exists' }
  assert.match(inLines(checkContainer(inside, 'ext4')), /^good .*dockerenv/)
  assert.match(inLines(checkContainer(inside, 'overlay')), /^warning .*goes away.*volume/)
})

const threads: LogTrial = {
  backend: 'threads',
  backendReason: 'io_uring_setup: Operation not permitted',
  directIO: true,
  ioAlignmentBytes: 512,
}

test('H23 io_uring -> why not, and what to change, for each obstacle', () => {
  const of = (
    given: Partial<IoUringFacts>,
    trial: LogTrial | undefined = threads,
    hasIoUring = true,
    kernel = '6.8.0',
  ): string =>
    inLines(checkIoUring({ disabled: '0', seccomp: '0', ...given }, { hasIoUring }, trial, kernel))
  assert.match(of({}, { ...threads, backend: 'io_uring' }), /^good .*works/)
  assert.match(of({}, threads, false), /^note .*without liburing/)
  assert.match(of({}, threads, true, '5.4.0'), /^note .*too old/)
  assert.match(
    of({ disabled: '2' }),
    /^note .*is 2, .*everyone.*sysctl kernel.io_uring_disabled=0$/,
  )
  assert.match(of({ disabled: '1' }), /is 1, .*without privileges.*io_uring_group/)
  assert.match(
    of({ seccomp: '2' }),
    /^note .*seccomp filter.*io_uring_setup: Oper.*-> Run the container/,
  )
  assert.match(of({}), /could not be found out.*Look for a sandbox/)
  // What was tried counts for more than what looks like an obstacle.
  assert.match(of({ seccomp: '2' }, { ...threads, backend: 'io_uring' }), /^good/)
})

test('io_uring that was not tried -> said so, with the obstacle if one was found', () => {
  const of = (seccomp: string): string =>
    inLines(checkIoUring({ disabled: '', seccomp }, { hasIoUring: true }, undefined, '6.8.0'))
  assert.match(of('0'), /^note .*not tried.*nothing that was found forbids it/)
  assert.match(of('2'), /^note .*not tried.*seccomp/)
  const broken = { error: 'no such file' }
  assert.match(
    inLines(checkIoUring(facts.ioUring, broken, undefined, '6.8')),
    /for want of the addon/,
  )
  assert.match(inLines(checkAddon(broken)), /^problem addon: .*no such file/)
  assert.match(inLines(checkAddon({ hasIoUring: true })), /^good/)
})

test('locked memory -> matters before Linux 5.12 only', () => {
  const of = (lockedMemoryBytes: number | 'unlimited' | undefined, kernel = '5.10.0'): string =>
    inLines(checkLockedMemory({ ...facts.limits, lockedMemoryBytes }, kernel))
  assert.match(of(65_536, '5.12.0'), /^good/)
  assert.match(of(65_536), /^warning .*65536.*ulimit -l/)
  assert.match(of('unlimited'), /^good/)
  assert.match(of(8_388_608), /^good/)
  assert.match(of(undefined), /^note .*could not/)
})

test('limits of files -> against the size of a segment', () => {
  const size = (fileBytes: number | 'unlimited' | undefined): string =>
    inLines(checkFileSize({ ...facts.limits, fileBytes }, directory))
  assert.match(size('unlimited'), /^good/)
  assert.match(size(64 * 2 ** 20), /^good/)
  assert.match(
    size(64 * 2 ** 20 - 1),
    /^problem .*Files may have 64\.0 MiB at most, a segment has 64 MiB/,
  )
  assert.match(size(undefined), /^note/)
  const open = (openFiles: number | 'unlimited' | undefined): string =>
    inLines(checkOpenFiles({ ...facts.limits, openFiles }))
  assert.match(open('unlimited'), /^good .*any number/)
  assert.match(open(256), /^good/)
  assert.match(open(255), /^warning .*255.*ulimit -n/)
  assert.match(open(undefined), /^note/)
})

test('free space -> counted in segments, those of the log that lies there', () => {
  const segment = 64 * 2 ** 20
  const of = (freeBytes: number, segmentBytes?: number): string => {
    const log = { isStore: false, segments: 1, segmentBytes: segmentBytes ?? 0, isInUse: false }
    const where = segmentBytes === undefined ? directory : { ...directory, log }
    return inLines(checkSpace({ ...facts.space, freeBytes }, where))
  }
  assert.match(of(3 * segment - 1), /^problem .*not enough for 3/)
  assert.match(of(3 * segment), /^warning .*room for 3/)
  assert.match(of(16 * segment), /^good .*room for 16 segments of 64 MiB/)
  assert.match(of(3 * segment, 2 ** 20), /^good .*room for 192 segments of 1 MiB/)
  assert.match(of(segment, 0), /^problem/, 'a log without segments: the default size')
  const files = (freeFiles: number, totalFiles: number): string =>
    inLines(checkFreeFiles({ ...facts.space, freeFiles, totalFiles }))
  assert.match(files(0, 0), /^good .*no limit/)
  assert.match(files(256, 1000), /^good/)
  assert.match(files(255, 1000), /^warning .*255/)
})

test('directory -> what lies in it', () => {
  assert.match(inLines(checkDirectory(directory)), /^good .*no Seawall log/)
  const log = { isStore: false, segments: 2, segmentBytes: 2 ** 20, isInUse: true }
  assert.match(inLines(checkDirectory({ ...directory, log })), /^note .*log of 2 segments, in use/)
  const store = { ...log, isStore: true, isInUse: false }
  assert.match(inLines(checkDirectory({ ...directory, log: store })), /store .*not in use/)
  assert.match(
    inLines(checkDirectory({ ...directory, isReadable: false })),
    /^problem .*may not read/,
  )
  const left = { ...directory, leftovers: ['seawall-doctor-scratch-a'] }
  assert.match(inLines(checkDirectory(left)), /note leftovers: .*scratch-a.*remove it/)
})

test.run()
