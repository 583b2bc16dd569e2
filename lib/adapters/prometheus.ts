// seawall/prometheus: the numbers of stats() in a registry of prom-client. Nothing of prom-client is
// loaded here: the registry that is passed in is all that is needed, so any copy of it will do.
import type { Engine, Log } from '../index.ts'
import { checkOptions } from './options.ts'
import { type MetricsRegistry, PrometheusMetrics } from './prometheus-metrics.ts'
import { checkSource, invalidArgument } from './source.ts'

/** What `registerSeawallMetrics` takes. */
/** Options of `registerSeawallMetrics`. */
export interface PrometheusOptions {
  /** Where the metrics are registered: `register` of prom-client, or a `new Registry()`. */
  register: MetricsRegistry
  /** What the names of all metrics begin with. Default `seawall_`. */
  prefix?: string
  /** Further labels of every metric of this source. `directory` is there already. Default: none. */
  labels?: Readonly<Record<string, string>>
}

/** What takes a source out of a registry again: call it, or `using`. */
export interface Registration extends Disposable {
  /** Calls after the first do nothing. */
  /** Takes the source out of the registry. */
  (): void
}

const optionNames: readonly (keyof PrometheusOptions)[] = ['register', 'prefix', 'labels']
const prefixRule = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/
const labelRule = /^[a-zA-Z_][a-zA-Z0-9_]*$/
const reservedLabels: readonly string[] = ['directory', 'le', 'holder', 'backend']

const registries = new WeakMap<object, Map<string, PrometheusMetrics>>()

/**
 * Adds a log or an engine to a registry. `stats()` is called once for each scrape. Several sources
 * in one registry differ in their label `directory`. A source that is closed is left out from the
 * next scrape on; the last one to go takes the metrics with it.
 *
 * @throws ERR_SEAWALL_INVALID_ARGUMENT, also when the registry has a metric of the same name from
 * somewhere else, or a source with the same labels; nothing was registered then
 */
export function registerSeawallMetrics(
  source: Log | Engine,
  options: PrometheusOptions,
): Registration {
  checkSource(source)
  const { register, prefix, labels } = checked(options)
  let families = registries.get(register)
  if (families === undefined) registries.set(register, (families = new Map()))
  let metrics = families.get(prefix)
  if (metrics === undefined) families.set(prefix, (metrics = new PrometheusMetrics(prefix)))
  metrics.add(source, { directory: source.directory, ...labels }, register)
  const unregister = (): void => metrics.remove(source)
  return Object.assign(unregister, { [Symbol.dispose]: unregister })
}

function checked(given: unknown): Required<PrometheusOptions> {
  const options = checkOptions<PrometheusOptions>(given, optionNames)
  const { register, prefix = 'seawall_', labels = {} } = options
  if (typeof register?.registerMetric !== 'function') {
    throw invalidArgument(
      'register must be a registry of prom-client: npm install prom-client, ' +
        "then import { register } from 'prom-client'",
    )
  }
  if (typeof prefix !== 'string' || !prefixRule.test(prefix)) {
    throw invalidArgument(`prefix must fit ${String(prefixRule)}`)
  }
  if (typeof labels !== 'object' || labels === null) throw invalidArgument('labels: an object')
  for (const [name, value] of Object.entries(labels)) {
    if (!labelRule.test(name) || name.startsWith('__') || reservedLabels.includes(name)) {
      throw invalidArgument(`labels: ${name} cannot be the name of a label here`)
    }
    if (typeof value !== 'string') throw invalidArgument(`labels: ${name} must be a string`)
  }
  return { register, prefix, labels }
}
