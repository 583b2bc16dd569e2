// The lists of a failure that may shrink: its choices, and every list among its parameters.
import type { Failure } from '../layer.ts'

/** A place in the parameters: the keys that lead to it. */
type Path = readonly string[]

export interface ShrinkableList {
  readonly name: string
  /** How many items it has. */
  length(failure: Failure): number
  /** The failure with the items that are kept, in order, instead of all of them. */
  keeping(failure: Failure, indexes: readonly number[]): Failure
}

function valueAt(value: unknown, path: Path): unknown {
  let at = value
  for (const key of path) at = (at as Record<string, unknown>)[key]
  return at
}

function withValueAt(value: unknown, path: Path, replacement: unknown): unknown {
  const [key, ...rest] = path
  if (key === undefined) return replacement
  if (Array.isArray(value)) {
    return value.map((item, i) => (String(i) === key ? withValueAt(item, rest, replacement) : item))
  }
  const record = value as Record<string, unknown>
  return { ...record, [key]: withValueAt(record[key], rest, replacement) }
}

function* listPaths(value: unknown, path: Path): Generator<Path> {
  if (typeof value !== 'object' || value === null) return
  if (Array.isArray(value)) yield path
  for (const [key, item] of Object.entries(value)) yield* listPaths(item, [...path, key])
}

function parameterList(path: Path): ShrinkableList {
  const itemsOf = (failure: Failure): unknown[] => valueAt(failure.parameters, path) as unknown[]
  return {
    name: path.join('.'),
    length: (failure) => itemsOf(failure).length,
    keeping(failure, indexes) {
      const items = itemsOf(failure)
      const kept = indexes.map((index) => items[index])
      const parameters = withValueAt(failure.parameters, path, kept) as Failure['parameters']
      return { ...failure, parameters }
    },
  }
}

/** Outer lists come before the lists in them. */
export function parameterLists(failure: Failure): ShrinkableList[] {
  return [...listPaths(failure.parameters, [])].map(parameterList)
}
