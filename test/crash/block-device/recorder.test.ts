// Goal: the recording device keeps what a flush covered, and only that, whatever happens to the
// rest (F1, F2, F4); it fails and drops what it is told to. Otherwise L5 would prove nothing.
// Method: blocks written to the device without a file system, crashed at every event with all coins
// on one side; what it holds then is read below every cache.
import { closeSync, constants, fsyncSync, openSync, readSync, writeSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { BlockDevice, type Coins } from '../../../crash/block-device/block-device.ts'
import { whyUnavailable } from '../../../crash/block-device/programs.ts'
import { temporaryDirectory } from '../../support/temporary-directory.ts'

const blockBytes = 4096
const none: Coins = { seed: 1, keptOf256: 0, atomBytes: 0 }
const all: Coins = { seed: 1, keptOf256: 256, atomBytes: 0 }
const reason = whyUnavailable()

async function onDevice(work: (device: BlockDevice) => Promise<void>): Promise<void> {
  if (reason !== undefined) {
    console.log(`skipped: ${reason}`)
    return
  }
  const options = { fileSystem: 'ext4', sectorBytes: 512 } as const
  const device = await BlockDevice.open(temporaryDirectory(), options)
  try {
    await work(device)
  } finally {
    await device.close()
  }
}

function blockOf(letter: string): Buffer {
  return Buffer.alloc(blockBytes, letter)
}

/** The first letter of each sector of block `block`; a dot for zeros. */
function sectors(device: BlockDevice, block: number): string {
  const file = openSync(device.file, 'r')
  const bytes = Buffer.alloc(blockBytes)
  readSync(file, bytes, 0, blockBytes, block * blockBytes)
  closeSync(file)
  const letters = Array.from({ length: 8 }, (_, at) => String.fromCharCode(bytes[at * 512] ?? 0))
  return letters.join('').replaceAll('\0', '.')
}

function isThere(device: BlockDevice, block: number): boolean {
  return !sectors(device, block).includes('.')
}

test('two writes, a flush, a third write -> a crash keeps the two, the third by coin', () =>
  onDevice(async (device) => {
    const file = openSync(device.file, 'r+')
    writeSync(file, blockOf('a'), 0, blockBytes, 0)
    writeSync(file, blockOf('b'), 0, blockBytes, blockBytes)
    const beforeFlush = device.events()
    fsyncSync(file)
    writeSync(file, blockOf('c'), 0, blockBytes, 0)
    closeSync(file)
    const end = device.events()
    assert.is(end, beforeFlush + 4)
    const shown = async (event: number, coins: Coins): Promise<string> => {
      await device.present(0, event, coins)
      return `${sectors(device, 0)} ${sectors(device, 1)}`
    }
    assert.is(await shown(0, all), '........ ........')
    assert.is(await shown(beforeFlush, none), '........ ........')
    assert.is(await shown(beforeFlush, all), 'aaaaaaaa bbbbbbbb')
    // Issued, and not completed.
    assert.is(await shown(beforeFlush + 1, none), '........ ........')
    assert.is(await shown(beforeFlush + 2, none), 'aaaaaaaa bbbbbbbb')
    assert.is(await shown(end, none), 'aaaaaaaa bbbbbbbb')
    assert.is(await shown(end, all), 'cccccccc bbbbbbbb')
    const torn = await shown(end, { seed: 5, keptOf256: 128, atomBytes: 512 })
    assert.match(torn, /^(?=.*a)(?=.*c)[ac]{8} b{8}$/)
    assert.is(await shown(0, all), '........ ........')
    assert.is(await shown(end, { seed: 5, keptOf256: 128, atomBytes: 512 }), torn)
  }))

test('a crash image is written to -> it can be crashed itself', () =>
  onDevice(async (device) => {
    const write = (letter: string, flush: boolean): void => {
      const file = openSync(device.file, 'r+')
      writeSync(file, blockOf(letter), 0, blockBytes, 0)
      if (flush) fsyncSync(file)
      closeSync(file)
    }
    write('a', true)
    write('b', false)
    await device.present(0, device.events(), all)
    write('c', false)
    const middle = device.events()
    write('d', true)
    const end = device.events()
    await device.present(1, middle, none)
    assert.is(sectors(device, 0), 'bbbbbbbb')
    await device.present(1, end, none)
    assert.is(sectors(device, 0), 'dddddddd')
    assert.is((await device.statistics()).depth, 2)
  }))

test('writes are under way while a flush runs -> it does not cover them', () =>
  onDevice(async (device) => {
    await device.hold(256, 20_000, 7)
    const loop = await open(device.loop, constants.O_RDWR | constants.O_DSYNC)
    const blocks = Array.from({ length: 12 }, (_, block) => block)
    const acknowledgedAt: number[] = []
    await Promise.all(
      blocks.map(async (block) => {
        await loop.write(blockOf('x'), 0, blockBytes, block * blockBytes)
        acknowledgedAt[block] = device.events()
      }),
    )
    await loop.close()
    const end = device.events()
    const completions = new Set((await device.flushes(0)).map(({ completed }) => completed + 1))
    let uncovered = 0
    for (let event = 0; event <= end; event++) {
      const { volatileWrites } = await device.present(0, event, none)
      if (completions.has(event)) uncovered += volatileWrites
      for (const block of blocks) {
        const mustBeThere = (acknowledgedAt[block] as number) <= event
        assert.ok(!mustBeThere || isThere(device, block), `block ${block}, crash at ${event}`)
      }
    }
    // What was not reached was not tested.
    assert.ok(uncovered > 0)
  }))

test('flushes are dropped -> nothing is ever durable', () =>
  onDevice(async (device) => {
    await device.dropEveryFlush(1)
    const file = openSync(device.file, 'r+')
    writeSync(file, blockOf('a'), 0, blockBytes, 0)
    fsyncSync(file)
    closeSync(file)
    await device.present(0, device.events(), none)
    assert.is(sectors(device, 0), '........')
  }))

test('a fault once, a sticky one -> that operation fails, or all from it on', () =>
  onDevice(async (device) => {
    const file = openSync(device.file, 'r+')
    const write = (): boolean => {
      try {
        writeSync(file, blockOf('a'), 0, blockBytes, 0)
        return true
      } catch (error) {
        assert.is((error as NodeJS.ErrnoException).code, 'EIO')
        return false
      }
    }
    await device.setFault('write', 2, 5, 'once')
    assert.equal([write(), write(), write()], [true, false, true])
    await device.setFault('write', 2, 5, 'sticky')
    assert.equal([write(), write(), write()], [true, false, false])
    await device.clearFaults()
    assert.ok(write())
    closeSync(file)
  }))

test.run()
