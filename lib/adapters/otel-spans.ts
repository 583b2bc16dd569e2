import { AsyncLocalStorage } from 'node:async_hooks'
import { type TracingChannel, tracingChannel } from 'node:diagnostics_channel'

import type { Attributes, Context, Histogram, Meter, Span, Tracer } from '@opentelemetry/api'

import type { TraceMessages } from '../index.ts'
import { attributesAtEnd, attributesAtStart, errorTypeOf } from './otel-attributes.ts'

/** What is used of the module `@opentelemetry/api`. */
export type OtelApi = Pick<
  typeof import('@opentelemetry/api'),
  'context' | 'metrics' | 'SpanKind' | 'SpanStatusCode' | 'trace'
>

type Name = keyof TraceMessages
type Message = TraceMessages[Name]

const names: readonly Name[] = ['recovery', 'restart', 'checkpoint', 'transaction']

// Those that the conventions advise for db.client.operation.duration.
const durationBoundsSeconds = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10]

/**
 * Makes the span's context the active one of OpenTelemetry, whatever context manager that has, for
 * as long as the traced call runs: a channel runs it within the stores that are bound to it.
 */
class ActiveContext extends AsyncLocalStorage<Context> {
  readonly #api: OtelApi

  constructor(api: OtelApi) {
    super()
    this.#api = api
  }

  override run<R, Args extends unknown[]>(
    context: Context,
    callback: (...args: Args) => R,
    ...args: Args
  ): R {
    return this.#api.context.with(context, () => callback(...args))
  }
}

interface OpenSpan {
  readonly span: Span
  readonly context: Context
  readonly startedAtMs: number
}

/** Spans and durations from the tracing channels, until `stop`. */
export class SpanRecorder {
  readonly #api: OtelApi
  readonly #tracer: Tracer
  readonly #durations: Histogram
  readonly #open = new Map<Message, OpenSpan>()
  readonly #undo: (() => void)[] = []

  constructor(api: OtelApi, tracer: Tracer, meter: Meter) {
    this.#api = api
    this.#tracer = tracer
    this.#durations = meter.createHistogram('db.client.operation.duration', {
      unit: 's',
      description: 'Duration of database client operations.',
      advice: { explicitBucketBoundaries: durationBoundsSeconds },
    })
    for (const name of names) this.#listen(name)
  }

  stop(): void {
    for (const undo of this.#undo) undo()
    for (const { span } of this.#open.values()) span.end()
    this.#open.clear()
  }

  #listen(name: Name): void {
    const { start, asyncEnd } = tracingChannel(`seawall:${name}`) as TracingChannel<
      Context,
      Message
    >
    const store = new ActiveContext(this.#api)
    const onEnd = (message: unknown): void => this.#ended(name, message as Message)
    start.bindStore(store, (message) => this.#started(name, message))
    asyncEnd.subscribe(onEnd)
    this.#undo.push(() => {
      start.unbindStore(store)
      asyncEnd.unsubscribe(onEnd)
    })
  }

  #started(name: Name, message: Message): Context {
    const { context: contexts, SpanKind, trace } = this.#api
    const active = contexts.active()
    // Whoever wrote the record that made a checkpoint due has nothing to do with it.
    const root = 'cause' in message && message.cause !== 'request'
    const attributes = attributesAtStart(name, message)
    const options = { kind: SpanKind.INTERNAL, root, attributes }
    const span = this.#tracer.startSpan(`seawall.${name}`, options, active)
    const context = trace.setSpan(active, span)
    this.#open.set(message, { span, context, startedAtMs: performance.now() })
    return context
  }

  #ended(name: Name, message: Message): void {
    const open = this.#open.get(message)
    if (open === undefined) return
    this.#open.delete(message)
    const { span, context, startedAtMs } = open
    const { error } = message
    span.setAttributes(attributesAtEnd(name, message))
    if (error !== undefined) this.#failed(span, error)
    span.end()
    const attributes: Attributes = attributesAtStart(name, message, true)
    if (error !== undefined) attributes['error.type'] = errorTypeOf(error)
    this.#durations.record((performance.now() - startedAtMs) / 1000, attributes, context)
  }

  #failed(span: Span, error: unknown): void {
    const message = error instanceof Error ? error.message : String(error)
    span.recordException(error instanceof Error ? error : message)
    span.setAttribute('error.type', errorTypeOf(error))
    span.setStatus({ code: this.#api.SpanStatusCode.ERROR, message })
  }
}
