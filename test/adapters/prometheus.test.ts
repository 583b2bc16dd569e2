// Goal: what Prometheus is told is what stats() says, in its units and under names that it accepts; a source that is closed
// or taken out leaves nothing behind.
// Method: real registries of prom-client; their output is parsed line by line, by the rules of the exposition format.
import { execFileSync } from 'node:child_process'

import {
  Counter,
  type OpenMetricsContentType,
  register as globalRegister,
  Registry,
} from 'prom-client'
import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { registerSeawallMetrics } from '../../lib/adapters/prometheus.ts'
import { Engine, type EngineStats, Log } from '../../lib/index.ts'
import { expectError } from '../support/expect-error.ts'
import { openSmall, temporaryDirectory } from '../support/temporary-directory.ts'
import { engineAtWork, logAtWork } from './support.ts'

interface Sample {
  name: string
  labels: Record<string, string>
  value: number
}

interface Scrape {
  types: Map<string, string>
  samples: Sample[]
}

const sampleLine = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/
const labelPart = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"(?:,|$)/g

/** Reads the text format; throws for a line that is none of its own. */
function parse(text: string): Scrape {
  const types = new Map<string, string>()
  const helped = new Set<string>()
  const samples: Sample[] = []
  for (const line of text.split('\n')) {
    if (line === '' || line === '# EOF') continue
    const [, keyword, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line) ?? []
    if (keyword === 'HELP') helped.add(name)
    else if (keyword === 'TYPE') types.set(name, rest)
    else {
      const [, sampleName = '', labelText = '', value = ''] = sampleLine.exec(line) ?? []
      assert.ok(sampleName !== '', `not a line of the format: ${line}`)
      const labels = Object.fromEntries(
        [...labelText.matchAll(labelPart)].map(([, label, text]) => [label, text]),
      ) as Record<string, string>
      samples.push({ name: sampleName, labels, value: Number(value) })
    }
  }
  assert.equal([...helped], [...types.keys()])
  return { types, samples }
}

const scrape = async (register: { metrics(): Promise<string> }): Promise<Scrape> =>
  parse(await register.metrics())

function valueOf({ samples }: Scrape, name: string, labels: Record<string, string> = {}): number {
  const found = samples.filter(
    (sample) =>
      sample.name === name &&
      Object.entries(labels).every(([label, value]) => sample.labels[label] === value),
  )
  assert.is(found.length, 1, `${name} ${JSON.stringify(labels)}: ${found.length} samples`)
  return found[0]?.value as number
}

test('engine -> the numbers of stats() in base units', async () => {
  const engine = await engineAtWork()
  const register = new Registry()
  registerSeawallMetrics(engine, { register })
  const before = engine.stats()
  const told = await scrape(register)
  const value = (name: string): number => valueOf(told, name, { directory: engine.directory })
  assert.is(value('seawall_transactions_committed_total'), before.transactions.committed)
  assert.is(value('seawall_transactions_committed_total'), 21)
  assert.is(value('seawall_transactions_rolled_back_total'), 1)
  assert.is(value('seawall_transactions_without_writes_total'), 1)
  assert.is(value('seawall_log_appends_total'), before.log.appends)
  assert.is(value('seawall_log_device_write_bytes_total'), before.log.deviceWriteBytes)
  assert.is(value('seawall_log_append_wait_seconds_total'), before.log.appendWaitMs / 1000)
  assert.is(value('seawall_log_size_limit_bytes'), before.log.maxLogBytes)
  assert.is(value('seawall_log_poisoned'), 0)
  assert.is(value('seawall_pages_size_bytes'), 8192)
  assert.ok(value('seawall_checkpoints_age_seconds') < 60, 'seconds')
  assert.is(value('seawall_open_duration_seconds'), engine.recovery.durationMs / 1000)
  assert.is(valueOf(told, 'seawall_log_backend', { backend: before.log.backend }), 1)
  await engine.close()
})

test('histograms -> cumulative, complete, and the same as stats() has', async () => {
  const engine = await engineAtWork()
  const register = new Registry()
  registerSeawallMetrics(engine, { register })
  const { samples, types } = await scrape(register)
  const { flushWait } = engine.stats().log
  assert.is(types.get('seawall_log_flush_wait_seconds'), 'histogram')
  const buckets = samples.filter(({ name }) => name === 'seawall_log_flush_wait_seconds_bucket')
  assert.is(buckets.length, flushWait.upToMs.length + 1)
  assert.equal(
    buckets.map(({ labels }) => labels.le),
    [...flushWait.upToMs.map((ms) => String(ms / 1000)), '+Inf'],
  )
  let below = 0
  for (const [i, { value }] of buckets.entries()) {
    below += flushWait.counts[i] ?? 0
    assert.is(value, below)
  }
  assert.ok(flushWait.count > 0)
  const told = { samples, types }
  assert.is(valueOf(told, 'seawall_log_flush_wait_seconds_count'), flushWait.count)
  assert.is(below, flushWait.count)
  assert.is(valueOf(told, 'seawall_log_flush_wait_seconds_sum'), flushWait.totalMs / 1000)
  await engine.close()
})

test('every name -> unit and kind as Prometheus wants them; no sample without its type', async () => {
  const engine = await engineAtWork()
  const register = new Registry()
  registerSeawallMetrics(engine, { register })
  const { types, samples } = await scrape(register)
  assert.ok(types.size > 60)
  for (const [name, type] of types) {
    assert.match(name, /^seawall_[a-z_]+$/)
    assert.is(name.endsWith('_total'), type === 'counter', `${name} is a ${type}`)
    assert.not.match(name, /_ms|_milliseconds/)
  }
  const series = new Set<string>()
  for (const { name, labels, value } of samples) {
    const family = types.has(name) ? name : name.replace(/_(bucket|sum|count)$/, '')
    assert.ok(types.has(family), name)
    assert.ok(Number.isFinite(value), name)
    const key = JSON.stringify([name, labels])
    assert.not.ok(series.has(key), `twice: ${key}`)
    series.add(key)
  }
  await engine.close()
})

test('one scrape -> stats() is called once; the next one sees newer numbers', async () => {
  const engine = await engineAtWork()
  const register = new Registry()
  registerSeawallMetrics(engine, { register })
  let calls = 0
  const stats = (): EngineStats => {
    calls += 1
    return Engine.prototype.stats.call(engine)
  }
  Object.defineProperty(engine, 'stats', { value: stats })
  const first = valueOf(await scrape(register), 'seawall_transactions_without_writes_total')
  assert.is(calls, 1)
  await engine.transaction(() => {})
  assert.is(valueOf(await scrape(register), 'seawall_transactions_without_writes_total'), first + 1)
  assert.is(calls, 2)
  await register.getMetricsAsJSON()
  assert.is(calls, 3)
  await engine.close()
})

test('holder -> 1 for the one that holds the log, 0 for all others', async () => {
  const engine = await engineAtWork()
  const register = new Registry()
  registerSeawallMetrics(engine, { register })
  const release = engine.holdLog(engine.stats().log.oldestLSN as never)
  await engine.checkpoint({ immediate: true })
  const told = await scrape(register)
  const holders = told.samples.filter(({ name }) => name === 'seawall_log_holder')
  const holding = holders.filter(({ value }) => value === 1).map(({ labels }) => labels.holder)
  assert.equal(holding, [engine.stats().checkpoints.holder])
  assert.is(holders.length, 5)
  release()
  await engine.close()
})

test('logs and engines in one registry -> apart by directory and by labels of their own', async () => {
  const [log, engine] = [await logAtWork(), await engineAtWork()]
  const register = new Registry()
  registerSeawallMetrics(log, { register, labels: { tenant: 'a "b"\n' } })
  registerSeawallMetrics(engine, { register })
  const told = await scrape(register)
  const of = (directory: string): number =>
    valueOf(told, 'seawall_log_appends_total', { directory })
  assert.equal([of(log.directory), of(engine.directory)], [10, engine.stats().log.appends])
  const tenant = told.samples.find(({ labels }) => labels.directory === log.directory)?.labels
    .tenant
  assert.is(tenant, 'a \\"b\\"\\n')
  const engines = told.samples.filter(({ name }) => name === 'seawall_transactions_active')
  assert.equal(
    engines.map(({ labels }) => labels.directory),
    [engine.directory],
  )
  await Promise.all([log.close(), engine.close()])
})

test('taken out -> the other stays; the last one takes the metrics with it, and those of others stay', async () => {
  const [one, two] = [await logAtWork(), await logAtWork()]
  const register = new Registry()
  const mine = new Counter({ name: 'seawall_of_somebody_else', help: 'x', registers: [register] })
  mine.inc()
  const unregister = registerSeawallMetrics(one, { register })
  const registration = registerSeawallMetrics(two, { register })
  unregister()
  unregister()
  const told = await scrape(register)
  assert.is(valueOf(told, 'seawall_log_appends_total'), 10)
  registration[Symbol.dispose]()
  assert.equal([...(await scrape(register)).types.keys()], ['seawall_of_somebody_else'])
  // And again.
  registerSeawallMetrics(one, { register })()
  await Promise.all([one.close(), two.close()])
})

test('closed -> not scraped any more, no metric left; also closed while a scrape runs', async () => {
  const [log, engine] = [await logAtWork(), await engineAtWork()]
  const register = new Registry()
  registerSeawallMetrics(log, { register })
  registerSeawallMetrics(engine, { register })
  const running = register.metrics()
  const closing = log.close()
  assert.ok((await running).includes(log.directory), 'the scrape had seen it open')
  const during = await scrape(register)
  await closing
  assert.not.ok(during.samples.some(({ labels }) => labels.directory === log.directory))
  await engine.close()
  assert.equal((await scrape(register)).samples, [])
  assert.equal((await scrape(register)).types.size, 0)
})

test('closed and opened again in the same place -> registered again', async () => {
  const directory = temporaryDirectory()
  const register = new Registry()
  for (let i = 0; i < 3; i++) {
    const log = await openSmall({}, directory)
    registerSeawallMetrics(log, { register })
    assert.is(valueOf(await scrape(register), 'seawall_log_incarnation'), i + 1)
    await log.close()
  }
})

test('source that is taken out -> is not kept in memory by the registry', async () => {
  const program = `
    import { Registry } from 'prom-client'
    import { registerSeawallMetrics } from '${new URL('../../lib/adapters/prometheus.ts', import.meta.url).href}'
    import { openSmall } from '${new URL('../support/temporary-directory.ts', import.meta.url).href}'
    const register = new Registry()
    const kept = []
    for (let i = 0; i < 10; i++) {
      const log = await openSmall()
      registerSeawallMetrics(log, { register })
      await register.metrics()
      await log.close()
      kept.push(new WeakRef(log))
    }
    await register.metrics()
    for (let i = 0; i < 5; i++) { gc(); await new Promise((done) => setTimeout(done, 10)) }
    console.log(kept.filter((ref) => ref.deref() !== undefined).length)`
  const args = ['--expose-gc', '--import', 'tsx', '--input-type=module', '-e', program]
  const cwd = new URL('../..', import.meta.url).pathname
  const left = Number(execFileSync(process.execPath, args, { cwd, encoding: 'utf8' }))
  assert.ok(left <= 1, `${left} of 10 logs are still there`)
})

test('OpenMetrics registry, global registry, prefix -> the same numbers', async () => {
  const log = await logAtWork()
  const openMetrics = new Registry<OpenMetricsContentType>()
  openMetrics.setContentType(Registry.OPENMETRICS_CONTENT_TYPE)
  const unregister = registerSeawallMetrics(log, { register: openMetrics })
  for (let i = 0; i < 2; i++) {
    const told = await scrape(openMetrics)
    assert.is(valueOf(told, 'seawall_log_appends_total'), 10)
    assert.is(told.types.get('seawall_log_appends'), 'counter')
  }
  const second = await logAtWork()
  registerSeawallMetrics(second, { register: openMetrics })()
  unregister()
  assert.equal((await scrape(openMetrics)).types.size, 0)
  const registration = registerSeawallMetrics(log, { register: globalRegister, prefix: 'my_' })
  assert.is(valueOf(await scrape(globalRegister), 'my_log_appends_total'), 10)
  registration()
  await Promise.all([log.close(), second.close()])
})

test('registry cleared or reset by somebody -> registering brings everything back', async () => {
  const [one, two] = [await logAtWork(), await logAtWork()]
  const register = new Registry()
  registerSeawallMetrics(one, { register })
  register.resetMetrics()
  assert.is(valueOf(await scrape(register), 'seawall_log_appends_total'), 10)
  register.clear()
  assert.equal((await scrape(register)).types.size, 0)
  registerSeawallMetrics(two, { register })
  const told = await scrape(register)
  assert.is(told.samples.filter(({ name }) => name === 'seawall_log_appends_total').length, 2)
  await Promise.all([one.close(), two.close()])
})

test('wrong arguments, the same source or name twice -> ERR_SEAWALL_INVALID_ARGUMENT, nothing registered', async () => {
  const log = await logAtWork()
  const register = new Registry()
  const wrong: [unknown, unknown][] = [
    [{}, { register }],
    [undefined, { register }],
    [log, undefined],
    [log, {}],
    [log, { register: {} }],
    [log, { register, prefx: 'x' }],
    [log, { register, prefix: 'no spaces ' }],
    [log, { register, prefix: 7 }],
    [log, { register, labels: { directory: 'x' } }],
    [log, { register, labels: { 'a-b': 'x' } }],
    [log, { register, labels: { a: 7 } }],
    [log, { register, labels: null }],
  ]
  for (const [source, options] of wrong) {
    await expectError('ERR_SEAWALL_INVALID_ARGUMENT', () =>
      registerSeawallMetrics(source as Log, options as { register: Registry }),
    )
  }
  const missing = await expectError('ERR_SEAWALL_INVALID_ARGUMENT', () =>
    registerSeawallMetrics(log, {} as { register: Registry }),
  )
  assert.match(missing.message, /npm install prom-client/)
  assert.equal((await scrape(register)).types.size, 0)
  const registration = registerSeawallMetrics(log, { register })
  await expectError('ERR_SEAWALL_INVALID_ARGUMENT', () =>
    registerSeawallMetrics(log, { register, labels: { a: 'x' } }),
  )
  registration()
  const other = { name: 'seawall_log_held_bytes', help: 'x', registers: [register] }
  new Counter(other)
  const taken = await expectError('ERR_SEAWALL_INVALID_ARGUMENT', () =>
    registerSeawallMetrics(log, { register }),
  )
  assert.match(taken.message, /seawall_log_held_bytes/)
  assert.equal([...(await scrape(register)).types.keys()], ['seawall_log_held_bytes'])
  await log.close()
})

test.run()
