// Goal: spans tell what a transaction, a checkpoint and an open did, below whoever called them; metrics are what stats()
// says; disabling leaves nothing behind.
// Method: the real SDK with an exporter and a reader in memory, and the context manager of Node.
import { tracingChannel } from 'node:diagnostics_channel'

import * as api from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import {
  AggregationTemporality,
  type DataPoint,
  type Histogram,
  MeterProvider,
  MetricReader,
} from '@opentelemetry/sdk-metrics'
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base'
import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { instrumentSeawall, type OtelOptions } from '../../lib/adapters/otel.ts'
import { Engine, Log, type SeawallError } from '../../lib/index.ts'
import { expectError } from '../support/expect-error.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'
import { engineAtWork, logAtWork, openEngine } from './support.ts'

class Reader extends MetricReader {
  protected override onForceFlush(): Promise<void> {
    return Promise.resolve()
  }
  protected override onShutdown(): Promise<void> {
    return Promise.resolve()
  }
}

const spans = new InMemorySpanExporter()
const tracer = new BasicTracerProvider({
  spanProcessors: [new SimpleSpanProcessor(spans)],
}).getTracer('test')
api.context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())

// With cumulative temporality, the SDK repeats for ever what was once observed.
function meterWithReader(temporality = AggregationTemporality.CUMULATIVE): {
  meter: api.Meter
  reader: Reader
} {
  const reader = new Reader({ aggregationTemporalitySelector: () => temporality })
  return { meter: new MeterProvider({ readers: [reader] }).getMeter('test'), reader }
}

interface Point {
  attributes: api.Attributes
  value: DataPoint<number | Histogram>['value']
}

/** What one collection tells, by name. */
async function collected(reader: Reader): Promise<Map<string, { unit: string; points: Point[] }>> {
  const { resourceMetrics, errors } = await reader.collect()
  assert.equal(errors, [])
  const metrics = resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics)
  return new Map(
    metrics.map(({ descriptor, dataPoints }) => [
      descriptor.name,
      { unit: descriptor.unit, points: dataPoints as Point[] },
    ]),
  )
}

test.before.each(() => spans.reset())

function spanOf(name: string): ReadableSpan {
  const found = spans.getFinishedSpans().filter((span) => span.name === `seawall.${name}`)
  assert.is(found.length, 1, `${found.length} spans of ${name}`)
  return found[0] as ReadableSpan
}

const parentOf = (span: ReadableSpan): string | undefined => span.parentSpanContext?.spanId

test('transaction -> a span below the caller, with what it came to; spans of its callback below it', async () => {
  const engine = await engineAtWork()
  using _ = instrumentSeawall({ api, tracer })
  await tracer.startActiveSpan('caller', async (caller) => {
    await engine.transaction(async (tx) => {
      await tx.allocatePage()
      tracer.startSpan('inner').end()
    })
    assert.is(api.trace.getActiveSpan(), caller, 'the caller is active again')
    caller.end()
  })
  const span = spanOf('transaction')
  const [inner] = spans.getFinishedSpans().filter(({ name }) => name === 'inner')
  const [caller] = spans.getFinishedSpans().filter(({ name }) => name === 'caller')
  assert.is(parentOf(span), caller?.spanContext().spanId)
  assert.is(inner && parentOf(inner), span.spanContext().spanId)
  assert.is(span.status.code, api.SpanStatusCode.UNSET)
  const { attributes } = span
  assert.is(attributes['db.system.name'], 'seawall')
  assert.is(attributes['db.namespace'], engine.directory)
  assert.is(attributes['db.operation.name'], 'transaction')
  assert.is(attributes['seawall.transaction.outcome'], 'committed')
  assert.is(attributes['seawall.transaction.form'], 'callback')
  const commitLSN = attributes['seawall.transaction.commit_lsn'] as number
  assert.ok((attributes['seawall.log.flushed_lsn'] as number) > commitLSN)
  assert.ok((attributes['seawall.transaction.records'] as number) > 0)
  await engine.close()
})

test('callback throws, lock not granted -> the error of the span', async () => {
  const engine = await engineAtWork()
  using _ = instrumentSeawall({ api, tracer })
  await engine.transaction(() => Promise.reject(new RangeError('no'))).catch(() => {})
  const thrown = spanOf('transaction')
  assert.equal(thrown.status, { code: api.SpanStatusCode.ERROR, message: 'no' })
  assert.is(thrown.attributes['error.type'], 'RangeError')
  assert.is(thrown.attributes['seawall.transaction.outcome'], 'rolledBack')
  assert.is(thrown.events[0]?.name, 'exception')
  spans.reset()
  const holder = await engine.begin()
  await holder.lock('key')
  const waiting = engine.transaction((tx) => tx.lock('key'), { lockTimeoutMs: 1 })
  await waiting.catch((error: SeawallError) => assert.is(error.code, 'ERR_SEAWALL_LOCK_TIMEOUT'))
  assert.is(spanOf('transaction').attributes['error.type'], 'ERR_SEAWALL_LOCK_TIMEOUT')
  spans.reset()
  await holder.rollback()
  const explicit = spanOf('transaction')
  assert.is(explicit.attributes['seawall.transaction.form'], 'explicit')
  assert.is(explicit.status.code, api.SpanStatusCode.UNSET, 'asked for')
  await engine.transaction(() => Promise.reject('text' as never)).catch(() => {})
  const [, text] = spans.getFinishedSpans()
  assert.is(text?.attributes['error.type'], '_OTHER')
  await engine.close()
})

test('open -> restart with recovery and its checkpoint below; failed open -> its error', async () => {
  using _ = instrumentSeawall({ api, tracer })
  const engine = await openEngine()
  const [restart, recovery, checkpoint] = [
    spanOf('restart'),
    spanOf('recovery'),
    spanOf('checkpoint'),
  ]
  const { spanId } = restart.spanContext()
  assert.equal([parentOf(recovery), parentOf(checkpoint)], [spanId, spanId])
  assert.is(parentOf(restart), undefined)
  assert.is(restart.attributes['seawall.restart.created'], true)
  assert.is(recovery.attributes['seawall.recovery.decision'], 'created')
  assert.is(checkpoint.attributes['seawall.checkpoint.cause'], 'request')
  assert.ok((checkpoint.attributes['seawall.checkpoint.lsn'] as number) > 0)
  spans.reset()
  await expectError('ERR_SEAWALL_NOT_FOUND', () =>
    Log.open(`${temporaryDirectory()}/missing`, { readOnly: true }),
  )
  assert.is(spanOf('recovery').attributes['error.type'], 'ERR_SEAWALL_NOT_FOUND')
  await engine.close()
})

test('checkpoint that begins by itself -> a root, whoever wrote the record that made it due', async () => {
  const engine = await openEngine({ maxWalBytes: 1024 * 1024 })
  using _ = instrumentSeawall({ api, tracer })
  const background = (): ReadableSpan | undefined =>
    spans
      .getFinishedSpans()
      .find(({ attributes }) => attributes['seawall.checkpoint.cause'] === 'log')
  const page = await engine.transaction(async (tx) => (await tx.allocatePage()).id)
  await tracer.startActiveSpan('caller', async (caller) => {
    for (let i = 0; background() === undefined && i < 20_000; i++) {
      await engine.transaction(async (tx) => {
        tx.write(await tx.page(page), 0, Buffer.alloc(4000, i % 251))
      })
    }
    await engine.checkpoint()
    caller.end()
  })
  const root = background()
  assert.ok(root !== undefined, 'one began')
  assert.is(parentOf(root), undefined)
  const asked = spans
    .getFinishedSpans()
    .findLast(({ attributes }) => attributes['seawall.checkpoint.cause'] === 'request')
  const caller = spans.getFinishedSpans().find(({ name }) => name === 'caller')
  assert.is(asked && parentOf(asked), caller?.spanContext().spanId)
  await engine.close()
})

test('sources -> the numbers of stats() in units of OpenTelemetry, one look for each collection', async () => {
  const [engine, log] = [await engineAtWork(), await logAtWork()]
  const { meter, reader } = meterWithReader()
  using instrumentation = instrumentSeawall({ api, tracer, meter, sources: [engine] })
  instrumentation.observe(log)
  let calls = 0
  Object.defineProperty(engine, 'stats', {
    value: () => {
      calls += 1
      return Engine.prototype.stats.call(engine)
    },
  })
  const told = await collected(reader)
  assert.is(calls, 1)
  const value = (name: string, source: Engine | Log): unknown => {
    const points = told.get(name)?.points ?? []
    const of = points.filter(({ attributes }) => attributes['db.namespace'] === source.directory)
    assert.is(of.length, 1, name)
    return of[0]?.value
  }
  const stats = engine.stats()
  assert.is(value('seawall.transactions.committed', engine), 21)
  assert.is(value('seawall.log.appends', engine), stats.log.appends)
  assert.is(value('seawall.log.appends', log), 10)
  assert.is(value('seawall.log.size_limit', engine), stats.log.maxLogBytes)
  assert.is(value('seawall.log.flush_wait.count', engine), stats.log.flushWait.count)
  assert.is(value('seawall.log.flush_wait.time', engine), stats.log.flushWait.totalMs / 1000)
  const units = ['log.append', 'log.append_wait', 'log.appends'].map(
    (name) => told.get(`seawall.${name}`)?.unit,
  )
  assert.equal(units, ['By', 's', '1'])
  assert.is(told.get('seawall.log.holder')?.points.filter((point) => point.value === 1).length, 1)
  await Promise.all([engine.close(), log.close()])
})

test('calls -> db.client.operation.duration in seconds, apart by operation and error', async () => {
  const engine = await engineAtWork()
  const { meter, reader } = meterWithReader()
  using _ = instrumentSeawall({ api, tracer, meter })
  await engine.transaction(() => {})
  await engine.transaction(() => {})
  await engine.transaction(() => Promise.reject(new RangeError('no'))).catch(() => {})
  await engine.checkpoint()
  const duration = (await collected(reader)).get('db.client.operation.duration')
  assert.is(duration?.unit, 's')
  const counts = duration?.points.map(({ attributes, value }) => [
    attributes['db.operation.name'],
    attributes['error.type'],
    (value as Histogram).count,
  ])
  assert.equal(counts, [
    ['transaction', undefined, 2],
    ['transaction', 'RangeError', 1],
    ['checkpoint', undefined, 1],
  ])
  const [first] = duration?.points ?? []
  assert.equal(Object.keys(first?.attributes ?? {}).sort(), [
    'db.namespace',
    'db.operation.name',
    'db.system.name',
  ])
  assert.ok(((first?.value as Histogram).sum ?? 99) < 10, 'seconds')
  await engine.close()
})

test('closed, taken back, disabled -> not told any more; channels are silent again', async () => {
  const [one, two] = [await logAtWork(), await logAtWork()]
  const { meter, reader } = meterWithReader(AggregationTemporality.DELTA)
  const instrumentation = instrumentSeawall({ api, tracer, meter, sources: [one] })
  const forget = instrumentation.observe(two)
  const told = async (): Promise<number> =>
    (await collected(reader)).get('seawall.log.appends')?.points.length ?? 0
  assert.is(await told(), 2)
  forget()
  assert.is(await told(), 1)
  await one.close()
  assert.is(await told(), 0)
  const again = instrumentation.observe(two)
  assert.is(await told(), 1)
  instrumentation.disable()
  instrumentation.disable()
  again()
  assert.is(await told(), 0)
  for (const name of ['recovery', 'restart', 'checkpoint', 'transaction']) {
    const { start, asyncEnd } = tracingChannel(`seawall:${name}`)
    assert.equal([start.hasSubscribers, asyncEnd.hasSubscribers], [false, false])
  }
  await expectError('ERR_SEAWALL_INVALID_ARGUMENT', () => instrumentation.observe(two))
  await two.close()
})

test('disabled while a transaction runs -> its span ends; the transaction goes on', async () => {
  const engine = await engineAtWork()
  const instrumentation = instrumentSeawall({ api, tracer })
  await engine.transaction(async (tx) => {
    await tx.allocatePage()
    instrumentation.disable()
  })
  assert.is(spanOf('transaction').ended, true)
  assert.is(engine.stats().transactions.committed, 22)
  await engine.close()
})

test('nothing of the SDK is set up -> nothing is recorded and everything works', async () => {
  const engine = await engineAtWork()
  api.context.disable()
  using _ = instrumentSeawall({ api, sources: [engine] })
  const result = await engine.transaction(async (tx) => (await tx.allocatePage()).id)
  assert.type(result, 'number')
  assert.equal(spans.getFinishedSpans(), [])
  await engine.close()
})

test('wrong arguments, twice -> ERR_SEAWALL_INVALID_ARGUMENT, nothing instrumented', async () => {
  const wrong: unknown[] = [
    undefined,
    {},
    { api: {} },
    { api, trace: tracer },
    { api, tracer: {} },
    { api, meter: 7 },
    { api, sources: {} },
    { api, sources: [{}] },
  ]
  for (const options of wrong) {
    await expectError('ERR_SEAWALL_INVALID_ARGUMENT', () =>
      instrumentSeawall(options as OtelOptions),
    )
  }
  const missing = await expectError('ERR_SEAWALL_INVALID_ARGUMENT', () =>
    instrumentSeawall({} as OtelOptions),
  )
  assert.match(missing.message, /npm install @opentelemetry\/api/)
  const log = await logAtWork()
  {
    using first = instrumentSeawall({ api, sources: [log] })
    await expectError('ERR_SEAWALL_INVALID_ARGUMENT', () => instrumentSeawall({ api }))
    await expectError('ERR_SEAWALL_INVALID_ARGUMENT', () => first.observe(log))
    await expectError('ERR_SEAWALL_INVALID_ARGUMENT', () => first.observe({} as Log))
  }
  instrumentSeawall({ api }).disable()
  await log.close()
})

test.run()
