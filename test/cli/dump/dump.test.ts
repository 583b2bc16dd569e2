// Goal: `seawall dump` shows what is in a log, no more than was asked for, and says in a sentence
// why it cannot; what it looks at stays as it is. Method: real processes over real directories; a
// small store whose dump is known word for word, a plain log, and directories that are neither.
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { spawnSync } from 'node:child_process'

import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { Log } from '../../../lib/index.ts'
import { openSmall, temporaryDirectory } from '../../support/temporary-directory.ts'
import { dump, dumpValues, fingerprint, makeStore } from './dump-process.ts'

const storeDirectory = temporaryDirectory()
const plainDirectory = temporaryDirectory()
const pieceBytes = 10 * 1024 * 1024

test.before(async () => {
  const engine = await makeStore(storeDirectory)
  // Looked at while it is open; the master record is written at rest, then nothing changes.
  await new Promise((resolve) => setTimeout(resolve, 100))
  test.after(() => engine.close())
  const log = await openSmall({ idleMarkMs: 1 }, plainDirectory)
  for (let i = 0; i < 100; i++) log.append(Buffer.from(`record ${i}`), { type: i % 3 })
  log.append(Buffer.alloc(pieceBytes, 'piece '), { type: 7 })
  log.append(Uint8Array.of(0, 1, 254))
  await log.close()
})

/** Of one line: type and details, which stand still from run to run. */
function words(line: string): string {
  return line
    .trim()
    .split(/\s+/)
    .slice(1)
    .join(' ')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
}

test('a store that is in use -> each record on a line, its body decoded, each column one word', () => {
  const { status, stdout, stderr, lines } = dump(storeDirectory)
  assert.is(status, 0, stderr)
  assert.is(stderr, '')
  assert.match(stdout, /^ +LSN +TYPE +LENGTH +TX +PAGE +OPERATION +PREV +UNDO-NEXT +DETAILS\n/)
  assert.equal(lines.map(words), [
    'page-image 4080 - 1 - - - free page as of -',
    'compensation 34 - 1 formatPage - - before free after map',
    'compensation 36 - 1 takeBit - - bit 0 standsForPage 1',
    'update 28 4368 1 takeBit - - bit 1 standsForPage 2',
    'page-image 4080 - 2 - - - free page as of -',
    'update 26 4368 2 formatPage 4368 - before free after user',
    'update 28 4368 1 takeBit 8528 - bit 2 standsForPage 3',
    'page-image 4080 - 3 - - - free page as of -',
    'update 26 4368 3 formatPage 8584 - before free after user',
    'update 36 4368 2 writeBytes 12744 - offset 0 before <00000000> after "base"',
    'commit 16 4368 - - 12800 -',
    'update 36 12904 2 writeBytes - - offset 0 before "base" after "lost"',
    'update 32 12968 3 slottedInsert - - slot 0 record "record"',
    'update 25 12904 2 64 12904 - <03>',
    'begin-checkpoint 8 - - - - - TIME',
    'end-checkpoint 128 - - - - - begun at 13080, 258 pages, ATT 2 (tx 12904 last 13024 undo-next ' +
      '13024; tx 12968 last 12968 undo-next 12968), DPT 3 (page 1 recLSN 136; page 2 recLSN 4424; ' +
      'page 3 recLSN 8640)',
    'update 48 12968 3 slottedUpdate 12968 - slot 0 prefixBytes 0 suffixBytes 0 oldCapacity 6 ' +
      'newCapacity 6 before "record" after "RECORD"',
    'compensation 33 12904 2 64 13024 12904 <fd>',
    'compensation 40 12904 2 writeBytes 13336 - offset 0 after "base"',
    'end 16 12904 - - 13400 -',
    'update 25 12968 3 64 13264 - <01>',
    'compensation 32 12968 - - 13504 13264',
    'commit 16 12968 - - 13560 -',
    'log-end - - - - - - the log ends here; behind it: zeros',
  ])
})

test('columns -> each line has the same ones at the same places', () => {
  const { stdout } = dump(storeDirectory, '--from', '0', '--past-end')
  const [head = '', ...lines] = stdout.split('\n').slice(0, -1)
  const lengthEnd = head.indexOf('LENGTH') + 'LENGTH'.length
  const prevEnd = head.indexOf('PREV') + 'PREV'.length
  for (const line of lines) {
    assert.match(line.slice(0, lengthEnd), /^ *\d+ {2}[a-z-]+ +(\d+|-)$/)
    assert.match(line.slice(lengthEnd, prevEnd), / (\d+|-)$/, line)
  }
})

test('--from below the log -> what was truncated and is still there is shown as that', () => {
  const first = dump(storeDirectory, '--from', '0', '--limit', '4').lines
  assert.match(first[0] ?? '', /^ +0 {2}incarnation .*incarnation 1, opened \d{4}-.*\(truncated\)$/)
  assert.match(first[2] ?? '', /\(truncated\)$/)
  assert.not.match(first[3] ?? '', /truncated/)
})

const filters: [string, string[], string[]][] = [
  ['--type by name', ['--type', 'commit,end'], ['12864', '13464', '13616']],
  ['--type by number, and as others call it', ['--type', '3,abort'], ['12864', '13464', '13616']],
  ['--type CLR', ['--type', 'CLR'], ['4240', '4304', '13336', '13400', '13560']],
  ['--type page_image', ['--type', 'page_image'], ['136', '4424', '8640']],
  ['--transaction', ['--transaction', '12904'], ['12904', '13024', '13336', '13400', '13464']],
  ['--page', ['--page', '1'], ['136', '4240', '4304', '4368', '8584']],
  ['--operation by name', ['--operation', 'writebytes'], ['12800', '12904', '13400']],
  ['--operation by number', ['--operation', '64,9'], ['13024', '13264', '13336', '13504']],
  [
    'all of them',
    ['--page', '2,3', '--transaction', '12968', '--type', 'update', '--operation', '8'],
    ['12968'],
  ],
  ['--from and --to', ['--from', '13265', '--to', '13400'], ['13336']],
  ['--limit', ['--limit', '2', '--type', 'update'], ['4368', '8528']],
  ['--last', ['--last', '2'], ['13560', '13616']],
  ['--last of a type', ['--last', '2', '--type', 'update'], ['13264', '13504']],
  ['--last 0', ['--last', '0'], []],
  ['--last of more than there are', ['--last', '9', '--type', 'commit'], ['12864', '13616']],
  ['--limit 0', ['--limit', '0'], []],
  ['--from the end', ['--from', '13656'], []],
  ['--from beyond the files', ['--from', '999999999'], []],
]

for (const [name, options, lsns] of filters) {
  test(`${name} -> those records and no others`, () => {
    const { status, stderr, lines } = dump(storeDirectory, ...options)
    assert.is(status, 0, stderr)
    const records = lines.filter((line) => !line.includes(' log-end '))
    assert.equal(
      records.map((line) => line.trim().split(' ')[0]),
      lsns,
    )
  })
}

test('a plain log -> types are numbers, bodies text or hexadecimal; a record in pieces is one', () => {
  const { status, lines } = dump(plainDirectory)
  assert.is(status, 0)
  assert.match(lines[0] ?? '', /^ +0 {2}incarnation +24 {2}incarnation 1, opened /)
  assert.match(lines[1] ?? '', /^ +48 {2}0 +8 {2}"record 0"$/)
  assert.match(lines[2] ?? '', /^ +80 {2}1 +8 {2}"record 1"$/)
  assert.match(
    lines[101] ?? '',
    / 7 +10485760 {2}"piece piece .*"\.\.\. \(10485760 bytes\) {2}in \d+ pieces$/,
  )
  assert.match(lines[102] ?? '', / 0 +3 {2}<0001fe>$/)
  assert.match(
    lines[103] ?? '',
    /log-end +- {2}the log ends here, closed in order; behind it: zeros$/,
  )
  assert.is(lines.length, 104)
  assert.is(dump(plainDirectory, '--type', '2', '--last', '3').lines.length, 4)
})

test('--from within a record in pieces -> the next record, and no word of damage', () => {
  const piece = dumpValues(plainDirectory, '--type', '7')[0] as { lsn: number; nextLSN: number }
  for (const from of [piece.lsn + 1, piece.lsn + 5_000_000, piece.nextLSN - 8]) {
    const { status, stderr, lines } = dump(plainDirectory, '--from', String(from))
    assert.is(status, 0, stderr)
    assert.match(lines[0] ?? '', / 0 +3 {2}<0001fe>$/)
  }
  const { status, stderr, lines } = dump(
    plainDirectory,
    '--to',
    String(piece.lsn + 5_000_000),
    '--last',
    '1',
  )
  assert.is(status, 0, stderr)
  assert.match(lines[0] ?? '', / 7 +10485760 /)
})

test('--hex -> offset, hexadecimal and ASCII below each record, as much as was asked for', () => {
  const { lines } = dump(plainDirectory, '--hex', '--last', '2', '--body-bytes', '20')
  assert.equal(lines.slice(1, 4), [
    '    00000000  70 69 65 63 65 20 70 69  65 63 65 20 70 69 65 63  |piece piece piec|',
    '    00000010  65 20 70 69                                       |e pi|',
    '    ... 10485740 bytes more (--body-bytes)',
  ])
  assert.is(lines[5], '    00000000  00 01 fe                                          |...|')
  const whole = dump(plainDirectory, '--hex', '--last', '2', '--type', '7', '--limit', '1').lines
  assert.is(whole.length, 1 + 256 / 16 + 1)
})

test('--json -> each line a value with everything in it', () => {
  const values = dumpValues(storeDirectory)
  const at = (lsn: number): Record<string, unknown> =>
    values.find((value) => value.lsn === lsn) ?? {}
  assert.equal(at(13400), {
    what: 'record',
    lsn: 13400,
    nextLSN: 13464,
    type: 2,
    typeName: 'compensation',
    bodyBytes: 40,
    incarnation: 1,
    promiseLSN: at(13400).promiseLSN,
    transactionLSN: 12904,
    prevLSN: 13336,
    undoNextLSN: 0,
    pageId: 2,
    operation: 1,
    operationName: 'writeBytes',
    fields: { offset: 0, after: Buffer.from('base').toString('base64') },
  })
  assert.is(at(13024).payload, Buffer.of(3).toString('base64'))
  assert.is(Buffer.from(String(at(136).payload), 'base64').length, 4096 - 32)
  assert.equal(at(13112).checkpoint, {
    beginLSN: 13080,
    filePages: 258,
    transactions: [
      { transactionLSN: 12904, lastLSN: 13024, undoNextLSN: 13024 },
      { transactionLSN: 12968, lastLSN: 12968, undoNextLSN: 12968 },
    ],
    pages: [
      { pageId: 1, recLSN: 136 },
      { pageId: 2, recLSN: 4424 },
      { pageId: 3, recLSN: 8640 },
    ],
  })
  const end = values.at(-1) ?? {}
  assert.is(end.what, 'log-end')
  assert.is(end.lsn, 13656)
  const [incarnation, first] = dumpValues(plainDirectory, '--limit', '2')
  assert.is(incarnation?.what, 'incarnation')
  assert.type(incarnation?.openedAtMs, 'number')
  assert.is(Buffer.from(String(first?.body), 'base64').toString(), 'record 0')
  const [cut] = dumpValues(plainDirectory, '--type', '7', '--body-bytes', '5', '--hex')
  assert.is(Buffer.from(String(cut?.body), 'base64').toString(), 'piece')
  assert.is(cut?.hex, Buffer.from('piece').toString('hex'))
  assert.is(cut?.isCut, true)
})

test('--stats -> what is there by type and operation, in words and as a value', () => {
  const { status, stdout } = dump(storeDirectory, '--stats')
  assert.is(status, 0)
  assert.match(stdout, /^TYPE +COUNT +% +LOG BYTES +% +AVERAGE +LARGEST +AT LSN\n/)
  assert.match(stdout, /\npage-image +3 +13\.0 +12,312 +91\.\d +4,080 +4,080 +136\n/)
  assert.match(stdout, /\ntotal +23 +100\.0 +13,520 +100\.0 /)
  assert.match(stdout, /\nOPERATION /)
  assert.match(stdout, /\n64 +3 /)
  assert.match(stdout, /LSN 136 to 13656 \(13\.2 KiB\)\nLSN 13656: the log ends here/)
  const value = JSON.parse(dump(plainDirectory, '--stats', '--json', '--type', '1,7').stdout) as {
    total: { count: number }
    types: { number: number; count: number; largestBodyBytes: number; logBytes: number }[]
  }
  assert.is(value.total.count, 34)
  assert.equal(
    value.types.map(({ number, count }) => [number, count]),
    [
      [7, 1],
      [1, 33],
    ],
  )
  assert.is(value.types[0]?.largestBodyBytes, pieceBytes)
  assert.ok((value.types[0]?.logBytes ?? 0) > pieceBytes)
})

test('padding -> is shown when it is asked for', async () => {
  const directory = temporaryDirectory()
  const log = await openSmall({ padToBlock: true }, directory)
  await log.commit(Buffer.from('one'))
  await log.commit(Buffer.from('two'))
  await log.close()
  assert.is(dump(directory).lines.length, 4)
  const padded = dump(directory, '--internal').lines
  assert.ok(padded.filter((line) => / padding +\d+$/.test(line)).length >= 2, padded.join('\n'))
  const only = dump(directory, '--type', 'padding').lines.slice(0, -1)
  assert.ok(only.length >= 2 && only.every((line) => line.includes(' padding ')))
})

test('dumps of all sorts -> not a byte and not a time of the directory has changed', () => {
  for (const directory of [storeDirectory, plainDirectory]) {
    const before = fingerprint(directory)
    for (const options of [[], ['--json', '--past-end'], ['--stats'], ['--hex', '--last', '3']]) {
      assert.is(dump(directory, ...options).status, 0)
    }
    assert.is(fingerprint(directory), before)
  }
})

test('called wrongly -> a sentence that says what to do, and nothing is printed', () => {
  const wrong: [string[], RegExp][] = [
    [['--form', '3'], /no option '--form'; did you mean '--from'/],
    [['--from', 'x'], /--from must be a whole number/],
    [['--from', '9', '--to', '8'], /--from 9 is behind --to 8/],
    [['--type', 'comit'], /no record type 'comit'; did you mean 'commit'/],
    [['--operation', 'slottedinsrt'], /no operation 'slottedinsrt'; did you mean 'slottedInsert'/],
    [['--page', '0'], /--page must be whole numbers from 1/],
    [['--stats', '--follow'], /use one of them/],
    [['--past-end', '--follow'], /use one of them/],
    [['--undurable'], /for --follow/],
    [['--body-bytes', '5M'], /at most 4M/],
  ]
  for (const [options, sentence] of wrong) {
    const { status, stdout, stderr } = dump(storeDirectory, ...options)
    assert.is(status, 2, options.join(' '))
    assert.match(stderr, sentence)
    assert.not.match(stderr, /\n {4}at /, 'no stack')
    assert.is(stdout, '')
  }
  const plain = dump(plainDirectory, '--page', '1')
  assert.is(plain.status, 2)
  assert.match(plain.stderr, /--page is for the log of a store; this is a plain log/)
  assert.match(dump(plainDirectory, '--type', 'commit').stderr, /its types are numbers/)
})

test('not a log, nothing there, a file, a newer format -> exit code 2 and a sentence', async () => {
  const empty = temporaryDirectory()
  const foreign = temporaryDirectory()
  writeFileSync(join(foreign, 'letter.txt'), 'dear')
  const newer = temporaryDirectory()
  await (await openSmall({}, newer)).close()
  const master = readFileSync(join(newer, 'master'))
  for (const slot of [0, 65536]) if (slot < master.length) master.writeUInt32LE(2, slot + 8)
  writeFileSync(join(newer, 'master'), master)
  const directories: [string, RegExp][] = [
    [join(empty, 'nowhere'), /does not exist/],
    [empty, /does not exist|not a Seawall log/],
    [foreign, /not a Seawall log|does not exist/],
    [join(foreign, 'letter.txt'), /seawall: .+ - .+/],
    [newer, /newer version/],
  ]
  for (const [directory, sentence] of directories) {
    for (const options of [[], ['--json'], ['--follow']]) {
      const { status, stdout, stderr } = dump(directory, ...options)
      assert.is(status, 2, `${directory}: ${stderr}`)
      assert.match(stderr, sentence)
      assert.not.match(stderr, /\n {4}at /, 'no stack')
      assert.is(stdout, '')
    }
  }
})

test('no permission -> exit code 2 and a sentence', async () => {
  const directory = temporaryDirectory()
  const inner = join(directory, 'log')
  mkdirSync(inner)
  await (await Log.open(inner)).close()
  chmodSync(join(inner, 'master'), 0o600)
  chmodSync(inner, 0o700)
  chmodSync(directory, 0o755)
  const root = new URL('../../..', import.meta.url).pathname
  const asNobody = ['--reuid=65534', '--regid=65534', '--clear-groups']
  const dumpArgs = [process.execPath, '--import', 'tsx', 'lib/cli/main.ts', 'dump', inner]
  const options = { cwd: root, encoding: 'utf8' as const, timeout: 60_000 }
  const may = spawnSync('setpriv', [...asNobody, 'true'], options)
  if (process.getuid?.() === 0 && may.status !== 0) {
    console.log(`skipped: setpriv cannot drop the rights of root here: ${may.stderr}`)
    return
  }
  const [command = '', ...args] =
    process.getuid?.() === 0 ? ['setpriv', ...asNobody, ...dumpArgs] : dumpArgs
  if (process.getuid?.() !== 0) chmodSync(inner, 0)
  const { status, stdout, stderr } = spawnSync(command, args, options)
  if (process.getuid?.() !== 0) chmodSync(inner, 0o700)
  assert.is(status, 2, stderr)
  assert.match(stderr, /refused access/)
  assert.is(stdout, '')
})

test('a reader that stops reading -> the dump ends quietly', () => {
  const root = new URL('../../..', import.meta.url).pathname
  const command = `"${process.execPath}" --import tsx lib/cli/main.ts dump "${plainDirectory}" --hex --body-bytes 4M | head -2`
  const { stdout, stderr } = spawnSync('sh', ['-c', command], { cwd: root, encoding: 'utf8' })
  assert.is(stdout.split('\n').length, 3)
  assert.is(stderr, '')
})

test.run()
