// A window of the log and where its LSNs are on the screen. Pure.

/** @typedef {{ from: number, to: number }} Range */

const bytesMin = 128

/** The window inside of `whole`, as large as it was if that is possible. @param {Range} window @param {Range} whole */
export function inside({ from, to }, whole) {
  const all = Math.max(1, whole.to - whole.from)
  const bytes = Math.min(all, Math.max(Math.min(bytesMin, all), Math.round(to - from)))
  const start = Math.max(whole.from, Math.min(Math.round(from), whole.to - bytes))
  return { from: start, to: start + bytes }
}

/** `factor` below 1 zooms in; `at` stays where it is. @param {Range} window @param {Range} whole @param {number} factor @param {number} at */
export function zoomed({ from, to }, whole, factor, at) {
  const bytes = Math.min(whole.to - whole.from, Math.max(bytesMin, (to - from) * factor))
  const share = (at - from) / Math.max(1, to - from)
  return inside({ from: at - share * bytes, to: at + (1 - share) * bytes }, whole)
}

/** @param {Range} window @param {Range} whole @param {number} bytes */
export function panned({ from, to }, whole, bytes) {
  return inside({ from: from + bytes, to: to + bytes }, whole)
}

/** The window around `at`, when it does not lie in it. @param {Range} window @param {Range} whole @param {number} at */
export function showing(window, whole, at) {
  if (at >= window.from && at < window.to) return window
  const half = (window.to - window.from) / 2
  return inside({ from: at - half, to: at + half }, whole)
}

/** Round numbers in the window, at most `countMax`. @param {Range} window @param {number} countMax */
export function ticksIn({ from, to }, countMax) {
  const least = (to - from) / Math.max(1, countMax)
  const power = 10 ** Math.floor(Math.log10(Math.max(1, least)))
  const step = [1, 2, 5, 10].map((times) => times * power).find((size) => size >= least) ?? power
  const ticks = []
  for (let at = Math.ceil(from / step) * step; at <= to; at += step) ticks.push(at)
  return ticks
}

/** @param {Range} window @param {number} left @param {number} right */
export function scaleOf({ from, to }, left, right) {
  const perByte = (right - left) / Math.max(1, to - from)
  return {
    /** @param {number} lsn */
    x: (lsn) => left + (lsn - from) * perByte,
    /** @param {number} x */
    lsn: (x) => from + (x - left) / perByte,
    /** @param {number} lsn */
    clampedX: (lsn) => Math.max(left, Math.min(right, left + (lsn - from) * perByte)),
  }
}

/**
 * Puts spans into as few rows as they fit in without touching: each into the first that is free.
 * @template {{ left: number, right: number }} Span
 * @param {readonly Span[]} spans by their left ends
 * @param {number} gap
 * @returns {{ span: Span, row: number }[]}
 */
export function packed(spans, gap) {
  /** @type {number[]} */
  const ends = []
  return spans.map((span) => {
    const free = ends.findIndex((end) => end + gap <= span.left)
    const row = free < 0 ? ends.length : free
    ends[row] = span.right
    return { span, row }
  })
}
