// Goal: docs/METRICS.md names every field of stats() and every channel and nothing else; the dashboard and the alerts ask
// for metrics that exist, and ask as their kind demands.
// Method: tables of the document against a running engine and the adapter's real output; expressions taken apart.
import { readFileSync } from 'node:fs'

import { Registry } from 'prom-client'
import { test } from 'uvu'
import * as assert from 'uvu/assert'

import {
  engineDurations,
  type EngineField,
  engineHolder,
  engineMetrics,
  logBackend,
  logDurations,
  type LogField,
  logMetrics,
} from '../../lib/adapters/metrics.ts'
import { prometheusName } from '../../lib/adapters/prometheus-metrics.ts'
import { registerSeawallMetrics } from '../../lib/adapters/prometheus.ts'
import { engineAtWork } from './support.ts'

const root = new URL('../..', import.meta.url).pathname
const document = readFileSync(`${root}docs/METRICS.md`, 'utf8')
const dashboardText = readFileSync(`${root}docs/grafana/seawall.json`, 'utf8')

interface Panel {
  id: number
  type: string
  title: string
  description?: string
  gridPos: { x: number; y: number; w: number; h: number }
  datasource?: { uid: string }
  targets?: { expr: string }[]
}
interface Dashboard {
  __inputs: { name: string; pluginId: string }[]
  panels: Panel[]
  templating: { list: { query: { query: string } }[] }
}
const dashboard = JSON.parse(dashboardText) as Dashboard

const engine = await engineAtWork()
// All that can be told: a transaction with changes, and a lock that is waited for.
const open = await engine.begin()
await open.allocatePage()
const stats = engine.stats()
const register = new Registry()
registerSeawallMetrics(engine, { register })
const scraped = await register.metrics()
await open.rollback()
await engine.close()

const types = new Map(
  [...scraped.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', type = '']) => [name, type]),
)
const samples = new Set([...scraped.matchAll(/^(seawall_\w+)/gm)].map(([, name]) => name ?? ''))

/** Paths of all fields; DurationStats count as one. */
function fieldsOf(value: object, prefix = ''): string[] {
  return Object.entries(value).flatMap(([key, field]: [string, unknown]) => {
    const path = prefix + key
    if (typeof field !== 'object' || field === null || 'upToMs' in field) return [path]
    return fieldsOf(field, `${path}.`)
  })
}

/** The rows of the table under a heading, without its head. */
function rowsUnder(heading: string): string[][] {
  const [, section = ''] = document.split(`\n${heading}\n`)
  const [text = ''] = section.split(/\n#{2,3} /)
  const rows = text.split('\n').filter((line) => line.startsWith('|'))
  assert.ok(rows.length > 2, `no table under ${heading}`)
  return rows.slice(2).map((row) =>
    row
      .slice(1, -1)
      .split(' | ')
      .map((cell) => cell.trim()),
  )
}

const wordIn = (cell = ''): string => /`([^`]+)`/.exec(cell)?.[1] ?? ''

test('tables of stats() -> every field and nothing else', () => {
  const { log, ...withoutLog } = stats
  const named = (heading: string): string[] => rowsUnder(heading).map(([field]) => wordIn(field))
  assert.equal(named('### log.stats()').sort(), fieldsOf(log).sort())
  assert.equal(named('### engine.stats()').sort(), fieldsOf(withoutLog).sort())
})

test('tables of stats() -> kind, unit and metric as the adapter has them', () => {
  const metrics = new Map([...logMetrics, ...engineMetrics].map((metric) => [metric.field, metric]))
  const durations = new Map([...logDurations, ...engineDurations].map((it) => [it.field, it]))
  const words = new Map([logBackend, engineHolder].map((it) => [it.field as string, it]))
  for (const heading of ['### log.stats()', '### engine.stats()']) {
    for (const [fieldCell, kind, unit, text, metricCell] of rowsUnder(heading)) {
      const field = wordIn(fieldCell)
      assert.ok((text?.length ?? 0) > 5, field)
      const [metric, duration] = [metrics.get(field), durations.get(field)]
      const label = words.get(field)?.name.replaceAll('.', '_') ?? ''
      const expected = metric
        ? prometheusName('', metric)
        : duration
          ? `${duration.name.replaceAll('.', '_')}_seconds`
          : label
      assert.is(wordIn(metricCell), expected, field)
      if (expected !== '') assert.ok(types.has(`seawall_${expected}`), expected)
      assert.is(kind === 'counter', metric?.kind === 'counter', `${field} is a ${kind}`)
      assert.is(kind === 'durations', duration !== undefined, `${field} is a ${kind}`)
      if (metric?.unit === 'bytes') assert.is(unit, 'bytes', field)
      if (field.endsWith('Ms')) assert.is(unit, 'ms', field)
    }
  }
})

test('every number of stats() -> has a metric', () => {
  // The compiler refuses a field that is no field; here, one that is forgotten.
  const { log, ...withoutLog } = stats
  const isNumber = (of: object, path: string): boolean => {
    let value: unknown = of
    for (const key of path.split('.')) value = (value as Record<string, unknown>)[key]
    return path !== 'open' && typeof value !== 'string'
  }
  const told = (of: object): string[] => fieldsOf(of).filter((path) => isNumber(of, path))
  const fields = (list: readonly { field: string }[]): string[] => list.map(({ field }) => field)
  assert.equal(told(log).sort(), fields([...logMetrics, ...logDurations]).sort())
  assert.equal(told(withoutLog).sort(), fields([...engineMetrics, ...engineDurations]).sort())
  const typed: [LogField, EngineField] = ['appends', 'locks.waits']
  assert.is(typed.length, 2)
})

test('tables of channels -> those of the sources and nothing else', () => {
  const declared = (file: string, pattern: RegExp): string[] =>
    [...readFileSync(`${root}lib/log/${file}`, 'utf8').matchAll(pattern)].map(
      ([, name = '']) => name,
    )
  const named = (heading: string): string[] => rowsUnder(heading).map(([name]) => wordIn(name))
  assert.equal(named('## Channels').sort(), declared('channels.ts', /channel\('(.+?)'\)/g).sort())
  assert.equal(
    named('## Tracing channels').sort(),
    declared('trace-channels.ts', /tracingChannel\('(.+?)'\)/g).sort(),
  )
})

/** Checks what a PromQL expression asks for. */
function checkExpression(expression: string): void {
  const names = [...expression.matchAll(/\bseawall_\w+/g)].map(([name]) => name)
  assert.ok(names.length > 0, expression)
  for (const name of names) assert.ok(samples.has(name), `${name} in ${expression}`)
  for (const [, name = ''] of expression.matchAll(/rate\((\w+)/g)) {
    assert.match(name, /_(total|bucket)$/, `the rate of a gauge: ${expression}`)
  }
  for (const [, name = ''] of expression.matchAll(/(?<!rate\()(seawall_\w+_(?:total|bucket))/g)) {
    assert.unreachable(`a counter without a rate: ${name} in ${expression}`)
  }
  if (expression.includes('histogram_quantile')) {
    assert.match(expression, /_bucket/)
    // The quantile of several series is taken for each of them, unless le is kept.
    if (expression.includes('sum')) assert.match(expression, /sum by \(le/)
  }
}

test('dashboard -> asks for metrics that exist, as their kind demands', () => {
  const expressions = dashboard.panels.flatMap(({ targets = [] }) => targets.map((t) => t.expr))
  assert.ok(expressions.length > 40)
  for (const expression of expressions) {
    checkExpression(expression)
    assert.match(expression, /directory=~"\$directory"/, 'what is chosen on top counts everywhere')
  }
  for (const { query } of dashboard.templating.list) checkExpression(query.query)
})

test('dashboard -> a row for each question, nothing on top of another, one data source to choose', () => {
  const { panels } = dashboard
  assert.equal(
    panels.filter(({ type }) => type === 'row').map(({ title }) => title),
    [
      'State',
      'Commits and flushes',
      'Latency',
      'Log retention and who holds it',
      'Checkpoints and restart time',
      'Buffer pool',
      'Locks and transactions',
      'Errors',
    ],
  )
  assert.is(new Set(panels.map(({ id }) => id)).size, panels.length)
  const taken = new Map<string, string>()
  for (const { title, gridPos } of panels) {
    assert.ok(gridPos.x + gridPos.w <= 24, title)
    for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
      for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
        assert.is(taken.get(`${x},${y}`), undefined, `${title} stands on another panel`)
        taken.set(`${x},${y}`, title)
      }
    }
  }
  assert.equal(
    dashboard.__inputs.map(({ name, pluginId }) => [name, pluginId]),
    [['DS_PROMETHEUS', 'prometheus']],
  )
  for (const { type, title, datasource, description } of panels) {
    if (type === 'row') continue
    assert.is(datasource?.uid, '${DS_PROMETHEUS}', title)
    assert.ok((description?.length ?? 0) > 3, `${title} says what it is`)
  }
})

test('alerts -> ask for metrics that exist', () => {
  const rows = rowsUnder('### What to alert on')
  assert.ok(rows.length >= 8)
  let expressions = 0
  for (const [, when = '', why = ''] of rows) {
    assert.ok(why.length > 10)
    for (const [, code = ''] of when.matchAll(/`([^`]*seawall_[^`]*)`/g)) {
      checkExpression(code)
      expressions += 1
    }
  }
  assert.ok(expressions >= rows.length, 'each names what it looks at')
})

test.run()
