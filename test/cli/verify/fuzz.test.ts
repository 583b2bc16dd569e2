// timeout: 240s
// Goal: there is no byte that matters and can change unseen.
// Method: in copies of real logs and stores one byte at a random place is changed. A byte of a record,
// a written page, or a header has to be found; whatever else it is, nothing may fail.
import { cpSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

import { test } from 'uvu'
import * as assert from 'uvu/assert'

import {
  masterRecord,
  masterSlotStrideBytes,
  recordHeader,
  segmentHeader,
} from '../../../lib/format/layout.ts'
import { verify } from '../../../lib/inspection/verify/verify.ts'
import { Random, seedOr } from '../../support/random.ts'
import { temporaryDirectory } from '../../support/temporary-directory.ts'
import { placeOf, readBytes, readLog, writeBytes } from './damage.ts'
import { makeStore, type StoreKind } from './run-seawall.ts'

const seed = seedOr(Date.now() % 2 ** 31)
const flips = Number(process.env.SEAWALL_FLIPS ?? 60)
const pageBytes = 4096

/** A byte of which every change has to be found. */
interface Byte {
  readonly path: string
  readonly offset: number
  readonly what: string
}

type Pick = () => Byte | undefined

async function bytesOf(directory: string, random: Random): Promise<Pick[]> {
  const { layout, records } = await readLog(directory)
  const pages = join(directory, 'pages')
  const names = readdirSync(directory)
  const record: Pick = () => {
    const { lsn, bodyBytes } = random.pick(records)
    const at = lsn + random.below(recordHeader.bytes + bodyBytes)
    return { ...placeOf(layout, at), what: `byte ${at - lsn} of the record at ${lsn}` }
  }
  const master: Pick = () => ({
    path: join(directory, 'master'),
    offset: random.below(2) * masterSlotStrideBytes + random.below(masterRecord.bytes),
    what: 'master record',
  })
  const segment: Pick = () => {
    const used = layout.segments.filter(({ number }) => number <= (layout.master?.lastSegment ?? 0))
    const offset = random.below(segmentHeader.bytes)
    return { path: random.pick(used).path, offset, what: 'segment header' }
  }
  const page: Pick = () => {
    const offset = pageBytes + random.below(statSync(pages).size - pageBytes)
    const start = offset - (offset % pageBytes)
    const isWritten = readBytes(pages, start, pageBytes).some((byte) => byte !== 0)
    return isWritten ? { path: pages, offset, what: `page ${start / pageBytes}` } : undefined
  }
  return names.includes('pages')
    ? [record, master, segment, page, page, page]
    : [record, record, master, segment]
}

for (const kind of ['log', 'killed-log', 'store', 'killed-store', 'imaged-store'] as StoreKind[]) {
  test(`one byte of a ${kind} that matters -> found`, async () => {
    const random = new Random(seed)
    const directory = await makeStore(kind)
    const picks = await bytesOf(directory, random)
    for (let i = 0; i < flips; i++) {
      const byte = random.pick(picks)()
      if (byte === undefined) continue
      const { path, offset, what } = byte
      const [before = 0] = readBytes(path, offset, 1)
      writeBytes(path, offset, Uint8Array.of(before ^ (1 << random.below(8))))
      const isFound = await verify(directory).then(({ found }) => found.length > 0, isNewerFormat)
      assert.ok(isFound, `seed ${seed}: ${what}, offset ${offset} of ${path}`)
      writeBytes(path, offset, Uint8Array.of(before))
    }
    assert.equal((await verify(directory)).found, [])
  })
}

// The version is believed before any checksum: a later one may have other checksums.
function isNewerFormat(error: unknown): boolean {
  if ((error as { code?: string }).code !== 'ERR_SEAWALL_UNSUPPORTED_FORMAT') throw error
  return true
}

test('any bytes of any file -> a report or an error of ours, never anything else', async () => {
  const random = new Random(seed + 1)
  const base = await makeStore('killed-store')
  const parent = temporaryDirectory()
  for (let i = 0; i < flips; i++) {
    const directory = join(parent, `copy-${i}`)
    cpSync(base, directory, { recursive: true })
    for (let many = 1 + random.below(30); many > 0; many--) noise(directory, random)
    try {
      await verify(directory)
    } catch (error) {
      assert.match(String((error as { code?: string }).code), /^ERR_SEAWALL_/, `seed ${seed + 1}`)
    }
  }
})

/** Some bytes somewhere, most of them where the files are not empty. */
function noise(directory: string, random: Random): void {
  const names = (readdirSync(directory, { recursive: true }) as string[]).filter((name) => {
    return statSync(join(directory, name)).size > 0 && statSync(join(directory, name)).isFile()
  })
  const path = join(directory, random.pick(names))
  const content = readFileSync(path)
  const end = content.findLastIndex((byte) => byte !== 0) + 1
  const bytes = Buffer.from(Array.from({ length: 1 + random.below(40) }, () => random.below(256)))
  writeBytes(path, random.below(Math.max(1, end - bytes.length)), bytes)
}

test.run()
