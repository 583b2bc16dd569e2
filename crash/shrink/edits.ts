// Smaller variants of a list of numbers, largest steps first. Pure.

/** Undefined: this edit does not make the list smaller. */
export type Edit = (list: readonly number[]) => number[] | undefined

function withoutRange(from: number, count: number): Edit {
  return (list) =>
    from < list.length ? [...list.slice(0, from), ...list.slice(from + count)] : undefined
}

function withRange(from: number, count: number, change: (value: number) => number): Edit {
  return (list) => {
    const changed = list.map((value, i) => (i >= from && i < from + count ? change(value) : value))
    return changed.some((value, i) => value !== list[i]) ? changed : undefined
  }
}

/** From the back, because what comes last depends on the rest and nothing depends on it. */
function* ranges(length: number, count: number): Generator<number> {
  for (let from = length - count; from > -count; from -= count) yield Math.max(0, from)
}

function* chunkSizes(length: number): Generator<number> {
  for (let count = length; count > 1; count = Math.floor(count / 2)) yield count
}

/**
 * One pass over a list of `length`: delete chunks, set chunks to zero, halve single numbers, take
 * one off them, delete single ones (the order of Hypothesis: what may help most comes first).
 */
export function* passOver(length: number): Generator<Edit> {
  for (const count of chunkSizes(length)) {
    for (const from of ranges(length, count)) yield withoutRange(from, count)
  }
  for (const count of [...chunkSizes(length), 1]) {
    for (const from of ranges(length, count)) yield withRange(from, count, () => 0)
  }
  const halves = (value: number): number => Math.trunc(value / 2)
  for (const from of ranges(length, 1)) yield withRange(from, 1, halves)
  const oneLess = (value: number): number => (value > 0 ? value - 1 : value)
  for (const from of ranges(length, 1)) yield withRange(from, 1, oneLess)
  for (const from of ranges(length, 1)) yield withoutRange(from, 1)
}
