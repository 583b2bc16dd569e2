import type { RecordQuery } from '../../inspection/records/record-filter.ts'
import {
  type AskedType,
  builtInOperationNames,
  operationNamed,
  typeNamed,
  typeNames,
} from '../../inspection/records/record-kinds.ts'
import { nearestName } from '../../util/nearest-name.ts'
import type { CommandLine, OptionRule } from '../command-line.ts'
import { UsageError } from '../usage-error.ts'

export const dumpRules: Record<string, OptionRule> = {
  from: { value: 'LSN', help: 'begin with the first record at or behind LSN' },
  to: { value: 'LSN', help: 'only records that start before LSN' },
  type: { value: 'TYPES', help: 'only these, e.g. 7 or update,commit,clr (store: names too)' },
  transaction: { value: 'LSNS', help: 'only of the transactions that begin with these records' },
  page: { value: 'PAGES', help: 'only changes and images of these pages' },
  operation: { value: 'NAMES', help: 'only changes by these operations: numbers or names' },
  last: { value: 'N', help: 'only the last N records; does not read the whole log' },
  limit: { value: 'N', help: 'stop after N records' },
  'past-end': { help: 'also what lies behind the end: an open would cut it off' },
  internal: { help: 'also the padding that padToBlock writes' },
  hex: { help: 'the body below each record: offset, hexadecimal, ASCII' },
  'body-bytes': { value: 'N', help: 'of each body: 256 with --hex, 1M with --json; at most 4M' },
  json: { help: 'one JSON object a line; docs/DUMP.md has the fields' },
  stats: { help: 'count by type and operation instead of printing records' },
  follow: { help: 'go on with records as they become durable, until SIGINT' },
  undurable: { help: 'with --follow: also what a power cut could still take back' },
  'poll-ms': { value: 'N', help: 'with --follow: how often to look (default 200)' },
}

const lsnMax = Number.MAX_SAFE_INTEGER
const countMax = 1_000_000
const pageMax = 2 ** 32 - 1
const bodyBytesMax = 4 * 1024 * 1024

/** What `seawall dump` was asked for, as far as it does not depend on the log. */
export interface DumpOptions {
  readonly from: number | undefined
  readonly to: number
  readonly last: number | undefined
  readonly limit: number
  readonly bodyBytes: number
  readonly pollMs: number
  readonly isPastEnd: boolean
  readonly isHex: boolean
  readonly isJson: boolean
  readonly isStats: boolean
  readonly isFollow: boolean
  readonly isUndurableShown: boolean
}

/** @throws UsageError for values out of range, and for options that contradict each other */
export function dumpOptions(line: CommandLine): DumpOptions {
  const isJson = line.switch('json')
  const options: DumpOptions = {
    from: line.text('from') === undefined ? undefined : line.integer('from', 0, 0, lsnMax),
    to: line.integer('to', lsnMax, 0, lsnMax),
    last: line.text('last') === undefined ? undefined : line.integer('last', 0, 0, countMax),
    limit: line.integer('limit', lsnMax, 0, lsnMax),
    bodyBytes: line.bytes('body-bytes', isJson ? 1024 * 1024 : 256),
    pollMs: line.integer('poll-ms', 200, 1, 60_000),
    isPastEnd: line.switch('past-end'),
    isHex: line.switch('hex'),
    isJson,
    isStats: line.switch('stats'),
    isFollow: line.switch('follow'),
    isUndurableShown: line.switch('undurable'),
  }
  const why = contradiction(options)
  if (why !== undefined) throw new UsageError(why)
  return options
}

function contradiction(options: DumpOptions): string | undefined {
  const { from, to, isFollow, isStats, isPastEnd, isHex, bodyBytes } = options
  if (from !== undefined && from > to) return `--from ${from} is behind --to ${to}`
  if (bodyBytes > bodyBytesMax) return '--body-bytes must be at most 4M'
  if (isFollow && isStats) return '--stats has an end, --follow has none: use one of them'
  if (isFollow && isPastEnd) {
    return '--follow shows only what stays, --past-end what does not: use one of them'
  }
  if (options.isUndurableShown && !isFollow) return '--undurable is for --follow'
  if (isStats && isHex) return '--stats prints no bodies: leave --hex out'
  return undefined
}

/**
 * Which records were asked for.
 *
 * @throws UsageError for types and operations that do not exist, and for questions about pages and
 * transactions where there are none
 */
export function dumpQuery(line: CommandLine, isStore: boolean): RecordQuery {
  const storesOnly = ['transaction', 'page', 'operation'].find(
    (name) => line.text(name) !== undefined,
  )
  if (storesOnly !== undefined && !isStore) {
    throw new UsageError(`--${storesOnly} is for the log of a store; this is a plain log`)
  }
  const types = parts(line, 'type', (text) => askedType(text, isStore))
  const transactions = parts(line, 'transaction', (text) => number('transaction', text, 1, lsnMax))
  const pages = parts(line, 'page', (text) => number('page', text, 1, pageMax))
  const operations = parts(line, 'operation', askedOperation)
  return {
    ...(types === undefined ? {} : { types }),
    ...(transactions === undefined ? {} : { transactions }),
    ...(pages === undefined ? {} : { pages }),
    ...(operations === undefined ? {} : { operations }),
    isInternalShown: line.switch('internal'),
  }
}

function parts<T>(line: CommandLine, name: string, parse: (text: string) => T): Set<T> | undefined {
  const text = line.text(name)
  if (text === undefined) return undefined
  return new Set(text.split(',').map((part) => parse(part.trim())))
}

function number(name: string, text: string, min: number, max: number): number {
  const value = Number(text)
  if (text === '' || !Number.isSafeInteger(value) || value < min || value > max) {
    throw new UsageError(`--${name} must be whole numbers from ${min} to ${max}, not '${text}'`)
  }
  return value
}

function askedType(text: string, isStore: boolean): AskedType {
  const type = typeNamed(text, isStore)
  if (type !== undefined) return type
  const which = isStore ? '' : 'this is a plain log: its types are numbers; '
  throw new UsageError(
    `there is no record type '${text}'; ${which}${hint(text, typeNames(isStore))}`,
  )
}

function askedOperation(text: string): number {
  const operation = operationNamed(text)
  if (operation !== undefined) return operation
  const names = builtInOperationNames()
  throw new UsageError(
    `there is no operation '${text}'; ${hint(text, names)} (your own go by their numbers)`,
  )
}

function hint(text: string, names: readonly string[]): string {
  const nearest = nearestName(text, names)
  return nearest === undefined ? `known are ${names.join(', ')}` : `did you mean '${nearest}'?`
}
