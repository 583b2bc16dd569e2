// Goal: every wrong use and every broken surrounding is a SeawallError with its code, and nothing
// is lost by it.
// Method: one test a code, on real directories.
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'

import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { Log, type LogOptions, type LSN } from '../../lib/index.ts'
import { expectError } from '../support/expect-error.ts'
import { bodiesOf, openSmall, temporaryDirectory } from '../support/temporary-directory.ts'

const segment0 = (directory: string): string => join(directory, 'wal', `${'0'.repeat(20)}.wal`)

function overwrite(path: string, offset: number, bytes: Uint8Array): void {
  const file = openSync(path, 'r+')
  writeSync(file, bytes, 0, bytes.length, offset)
  closeSync(file)
}

test('wrong options -> ERR_SEAWALL_INVALID_OPTION that names them', async () => {
  const wrong: [unknown, RegExp][] = [
    [{ segmentbytes: 1 }, /did you mean 'segmentBytes'/],
    [{ readonly: true }, /did you mean 'readOnly'/],
    [{ nonsense: 1 }, /no option 'nonsense'/],
    [{ segmentBytes: 1000 }, /segmentBytes must be 65536 to/],
    [{ segmentBytes: 65537 }, /multiple of 4096/],
    [{ segmentBytes: Number.NaN }, /must be an integer/],
    [{ bufferBytes: 100_000 }, /power of two/],
    [{ bufferBytes: 1.5 }, /must be an integer/],
    [{ bufferBytes: '64KiB' }, /must be an integer, not '64KiB'/],
    [{ backend: 'uring' }, /one of auto, io_uring, threads/],
    [{ durability: 'yes' }, /one of flush, async/],
    [{ padToBlock: 1 }, /true or false/],
    [{ writerDelayMs: -1 }, /writerDelayMs/],
    [{ maxLogBytes: 1 }, /at least three segments/],
    [{ onProgress: 'x' }, /must be a function/],
    [null, /must be an object/],
    [7, /must be an object/],
  ]
  for (const [options, message] of wrong) {
    const error = await expectError('ERR_SEAWALL_INVALID_OPTION', () =>
      Log.open(temporaryDirectory(), options as LogOptions),
    )
    assert.match(error.message, message)
  }
})

test('wrong arguments -> ERR_SEAWALL_INVALID_ARGUMENT, nothing appended', async () => {
  await using log = await openSmall()
  const end = log.endLSN
  for (const body of ['text', 7, null, undefined, {}, [1, 2]]) {
    await expectError('ERR_SEAWALL_INVALID_ARGUMENT', () => log.append(body as never))
    await expectError('ERR_SEAWALL_INVALID_ARGUMENT', () => log.commit(body as never))
  }
  for (const type of [-1, 65_536, 1.5, Number.NaN, 'x']) {
    await expectError('ERR_SEAWALL_INVALID_ARGUMENT', () =>
      log.append(Buffer.alloc(1), { type: type as number }),
    )
  }
  for (const lsn of [-1, 0.5, Number.NaN, 2 ** 53, '8', null]) {
    await expectError('ERR_SEAWALL_INVALID_ARGUMENT', () => log.get(lsn as LSN))
    await expectError('ERR_SEAWALL_INVALID_ARGUMENT', () => log.truncateBefore(lsn as LSN))
    if (lsn !== null)
      await expectError('ERR_SEAWALL_INVALID_ARGUMENT', () => log.read({ from: lsn as LSN }))
  }
  for (const directory of ['', 'a\0b', 7]) {
    await expectError('ERR_SEAWALL_INVALID_ARGUMENT', () => Log.open(directory as string))
  }
  assert.is(log.endLSN, end)
})

test('too long a record -> ERR_SEAWALL_RECORD_TOO_LARGE', async () => {
  await using log = await openSmall({ maxRecordBytes: 1000 })
  log.append(Buffer.alloc(1000))
  await expectError('ERR_SEAWALL_RECORD_TOO_LARGE', () => log.append(Buffer.alloc(1001)))
})

test('LSNs that no record has -> ERR_SEAWALL_LSN_OUT_OF_RANGE', async () => {
  await using log = await openSmall()
  const lsn = await log.commit(Buffer.alloc(100))
  await log.commit(Buffer.alloc(100))
  for (const wrong of [lsn + 8, lsn + 4, log.endLSN, log.endLSN + 4096, 0]) {
    await expectError('ERR_SEAWALL_LSN_OUT_OF_RANGE', () => log.get(wrong as LSN))
  }
  await expectError('ERR_SEAWALL_LSN_OUT_OF_RANGE', () => log.truncateBefore((lsn + 8) as LSN))
  await expectError('ERR_SEAWALL_LSN_OUT_OF_RANGE', () =>
    log.truncateBefore((log.endLSN + 8) as LSN),
  )
  await expectError('ERR_SEAWALL_LSN_OUT_OF_RANGE', () => log.flush(log.endLSN))
  await expectError('ERR_SEAWALL_LSN_OUT_OF_RANGE', async () => {
    for await (const _ of log.read({ from: (lsn + 8) as LSN })) assert.unreachable()
  })
})

test('used after close -> ERR_SEAWALL_CLOSED; close again is fine', async () => {
  const log = await openSmall()
  await log.commit(Buffer.from('x'))
  await Promise.all([log.close(), log.close()])
  await log.close()
  for (const use of [
    () => log.append(Buffer.alloc(1)),
    () => log.commit(Buffer.alloc(1)),
    () => log.commitSync(Buffer.alloc(1)),
    () => log.flush(),
    () => log.read(),
    () => log.get(log.oldestLSN),
    () => log.truncateBefore(log.oldestLSN),
  ]) {
    await expectError('ERR_SEAWALL_CLOSED', use)
  }
})

test('read-only -> reads, and ERR_SEAWALL_READ_ONLY for the rest', async () => {
  const log = await openSmall()
  await log.commit(Buffer.from('x'))
  await expectError('ERR_SEAWALL_LOCKED', () => Log.open(log.directory, { readOnly: true }))
  await log.close()
  await using reader = await Log.open(log.directory, { readOnly: true })
  await using _second = await Log.open(log.directory, { readOnly: true })
  assert.equal(await bodiesOf(reader), ['x'])
  assert.is(reader.endLSN, log.endLSN)
  for (const use of [
    () => reader.append(Buffer.alloc(1)),
    () => reader.commit(Buffer.alloc(1)),
    () => reader.commitSync(Buffer.alloc(1)),
    () => reader.flush(),
    () => reader.truncateBefore(reader.oldestLSN),
  ]) {
    await expectError('ERR_SEAWALL_READ_ONLY', use)
  }
  await expectError('ERR_SEAWALL_NOT_FOUND', () =>
    Log.open(temporaryDirectory(), { readOnly: true }),
  )
})

test('directory in use -> ERR_SEAWALL_LOCKED, at once within the process and after a second from another', async () => {
  await using log = await openSmall()
  const error = await expectError('ERR_SEAWALL_LOCKED', () => Log.open(log.directory))
  assert.match(error.message, /this process/)
  const script = `import('${new URL('../../lib/index.ts', import.meta.url).href}').then(({ Log }) =>
    Log.open(${JSON.stringify(log.directory)}).catch((error) => console.log(error.code)))`
  const output = execFileSync(process.execPath, ['--import', 'tsx', '-e', script], {
    encoding: 'utf8',
  })
  assert.is(output.trim(), 'ERR_SEAWALL_LOCKED')
})

test('aborted waits -> ERR_SEAWALL_ABORTED, the record stays', async () => {
  await using log = await openSmall()
  const signal = AbortSignal.abort(new Error('enough'))
  const error = await expectError('ERR_SEAWALL_ABORTED', () =>
    log.commit(Buffer.from('kept'), { signal }),
  )
  assert.is((error.cause as Error).message, 'enough')
  log.append(Buffer.from('also'))
  await expectError('ERR_SEAWALL_ABORTED', () => log.flush(undefined, { signal }))
  await log.flush()
  assert.equal(await bodiesOf(log), ['kept', 'also'])
})

test('segmentBytes of an existing log changed -> ERR_SEAWALL_OPTION_MISMATCH', async () => {
  const log = await openSmall()
  await log.close()
  await expectError('ERR_SEAWALL_OPTION_MISMATCH', () =>
    Log.open(log.directory, { segmentBytes: 1 << 20 }),
  )
})

test('foreign directory, a file, a link, a missing parent -> refused, untouched', async () => {
  const directory = temporaryDirectory()
  writeFileSync(join(directory, 'letter.txt'), 'dear')
  await expectError('ERR_SEAWALL_NOT_A_LOG', () => Log.open(directory))
  assert.is(readFileSync(join(directory, 'letter.txt'), 'utf8'), 'dear')
  writeFileSync(join(directory, 'probe.tmp'), 'mine')
  await expectError('ERR_SEAWALL_NOT_A_LOG', () => Log.open(directory))
  assert.is(readFileSync(join(directory, 'probe.tmp'), 'utf8'), 'mine')
  await expectError('ERR_SEAWALL_NOT_A_LOG', () => Log.open(join(directory, 'letter.txt')))
  await expectError('ERR_SEAWALL_NOT_FOUND', () => Log.open(join(directory, 'a', 'b')))
  // H47: our own files are never reached through links.
  const log = await openSmall()
  await log.close()
  const linked = temporaryDirectory()
  symlinkSync(join(log.directory, 'LOCK'), join(linked, 'LOCK'))
  await expectError('ERR_SEAWALL_NOT_A_LOG', () => Log.open(linked))
  // A pipe in place of a file must not make the open wait for its other end.
  for (const name of ['master', 'LOCK']) {
    const piped = temporaryDirectory()
    execFileSync('mkfifo', [join(piped, name)])
    await expectError('ERR_SEAWALL_NOT_A_LOG', () => Log.open(piped))
  }
})

test('newer format -> ERR_SEAWALL_UNSUPPORTED_FORMAT', async () => {
  const log = await openSmall()
  await log.close()
  overwrite(join(log.directory, 'master'), 8, new Uint8Array([2, 0, 0, 0]))
  await expectError('ERR_SEAWALL_UNSUPPORTED_FORMAT', () => Log.open(log.directory))
})

test('damaged durable record -> ERR_SEAWALL_CORRUPT_LOG with its LSN; those before it are delivered', async () => {
  const log = await openSmall()
  await log.commit(Buffer.from('first'))
  const damaged = await log.commit(Buffer.alloc(100, 1))
  await log.commit(Buffer.from('third'))
  await log.close()
  overwrite(segment0(log.directory), 4096 + damaged + 50, new Uint8Array([99]))
  await using again = await Log.open(log.directory)
  const seen: string[] = []
  const error = await expectError('ERR_SEAWALL_CORRUPT_LOG', async () => {
    for await (const { body } of again.read()) seen.push(Buffer.from(body).toString())
  })
  assert.is(error.lsn, damaged)
  assert.equal(seen, ['first'])
  const byLSN = await expectError('ERR_SEAWALL_CORRUPT_LOG', () => again.get(damaged))
  assert.is(byLSN.lsn, damaged)
})

test('segment of another log -> ERR_SEAWALL_LOG_MISMATCH', async () => {
  const [one, two] = [await openSmall(), await openSmall()]
  await one.close()
  await two.close()
  writeFileSync(segment0(one.directory), readFileSync(segment0(two.directory)))
  await expectError('ERR_SEAWALL_LOG_MISMATCH', () => Log.open(one.directory))
})

test('maxLogBytes reached -> ERR_SEAWALL_LOG_FULL until truncated; nothing of the record is in the log', async () => {
  await using log = await openSmall({ maxLogBytes: 3 * 256 * 1024 })
  let appended = 0
  const fill = (): void => {
    for (;;) {
      log.append(Buffer.alloc(4000, 1))
      appended += 1
    }
  }
  await expectError('ERR_SEAWALL_LOG_FULL', fill)
  await expectError('ERR_SEAWALL_LOG_FULL', () => log.append(Buffer.alloc(500_000)))
  await log.flush()
  assert.is((await bodiesOf(log)).length, appended)
  await log.truncateBefore(log.endLSN)
  await log.commit(Buffer.from('again'))
  assert.equal(await bodiesOf(log), ['again'])
})

test('file system full -> ERR_SEAWALL_NO_SPACE before the record is accepted, what was accepted stays, room helps', async () => {
  // Only root can make a small file system; without root the native tests cover the same on a simulated disk.
  if (process.getuid?.() !== 0) return
  const mount = temporaryDirectory()
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'seawall-test', mount])
  try {
    writeFileSync(join(mount, 'ballast'), Buffer.alloc(1 << 20))
    const log = await openSmall({}, join(mount, 'log'))
    let appended = 0
    await expectError('ERR_SEAWALL_NO_SPACE', () => {
      for (;;) {
        log.append(Buffer.alloc(4000, 1))
        appended += 1
      }
    })
    await expectError('ERR_SEAWALL_NO_SPACE', () => log.append(Buffer.alloc(600_000)))
    await log.flush()
    assert.is((await bodiesOf(log)).length, appended)
    rmSync(join(mount, 'ballast'))
    await log.commit(Buffer.alloc(4000, 2))
    assert.is((await bodiesOf(log)).length, appended + 1)
    await log.close()
  } finally {
    execFileSync('umount', [mount])
  }
})

test('no permission -> ERR_SEAWALL_PERMISSION', async () => {
  const directory = join(temporaryDirectory(), 'locked')
  mkdirSync(directory)
  chmodSync(directory, 0o500)
  const script = `import('${new URL('../../lib/index.ts', import.meta.url).href}').then(({ Log }) =>
    Log.open(${JSON.stringify(directory)}).catch((error) => console.log(error.code)))`
  // Root may do anything, so the attempt is nobody's.
  const nobody = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {}
  chmodSync(join(directory, '..'), 0o777)
  const output = execFileSync(process.execPath, ['--import', 'tsx', '-e', script], {
    encoding: 'utf8',
    env: { ...process.env, TMPDIR: join(directory, '..'), HOME: '/nonexistent' },
    ...nobody,
  })
  assert.is(output.trim(), 'ERR_SEAWALL_PERMISSION')
})

test('no addon -> ERR_SEAWALL_BINDING_UNAVAILABLE that says what was tried', async () => {
  const error = await expectError('ERR_SEAWALL_BINDING_UNAVAILABLE', () =>
    Log.open(temporaryDirectory(), { nativeBinding: '/nowhere/seawall.node' }),
  )
  assert.match(error.message, /\/nowhere\/seawall\.node: no such file/)
})

test('O_DIRECT refused (tmpfs) -> buffered by itself, ERR_SEAWALL_DIRECT_IO_UNAVAILABLE when required', async () => {
  const directory = execFileSync('mktemp', ['-d', '/dev/shm/seawall-XXXXXX'], {
    encoding: 'utf8',
  }).trim()
  try {
    const log = await openSmall({}, directory)
    await log.commit(Buffer.from('x'))
    const { directIO } = log.stats()
    await log.close()
    // Newer kernels let tmpfs take O_DIRECT.
    if (!directIO) {
      await expectError('ERR_SEAWALL_DIRECT_IO_UNAVAILABLE', () =>
        Log.open(directory, { directIO: 'require' }),
      )
    }
  } finally {
    execFileSync('rm', ['-r', directory])
  }
})

test.run()
