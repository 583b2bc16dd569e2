import type { FinishedCase } from '../result/result-file.ts'
import { showMeasured, showRatio } from '../result/numbers.ts'
import type { Row, Target } from '../result/row.ts'

export interface Goal {
  /** The name of the case. */
  readonly name: string
  readonly title: string
  readonly row: Row & { readonly target: Target }
}

function hasTarget(row: Row): row is Goal['row'] {
  return row.target !== undefined
}

/** All rows with a target, in the order of the report. */
export function goalsOf(cases: Readonly<Record<string, FinishedCase>>): Goal[] {
  return Object.entries(cases).flatMap(([name, { title, rows }]) =>
    rows.filter(hasTarget).map((row) => ({ name, title, row })),
  )
}

/** ">= 0.85 x" in words. */
export function goalInWords({ text }: Target): string {
  return text.replace(/^>= /, 'at least ').replace(/^<= /, 'at most ')
}

export function goalInSigns({ text }: Target): string {
  return text.replace(/^>=/, '\u2265').replace(/^<=/, '\u2264')
}

function endsSentence(text: string): string {
  const trimmed = text.trim()
  return /[.!?]$/.test(trimmed) ? trimmed : `${trimmed}.`
}

/** What was reached instead of the goal, and why as far as it is known. */
export function notReachedSentence({ row }: Goal): string {
  const { ratio, reference, target } = row
  const against = reference === undefined ? '' : ` of ${reference.label}`
  const value =
    ratio === undefined
      ? showMeasured(row)
      : `${showRatio(row)}${against}, that is ${showMeasured(row)}`
  const sentence = `reached ${value}; the goal is ${goalInWords(target)}`
  if (target.because === undefined) return endsSentence(sentence)
  return endsSentence(`${sentence}, because ${target.because.replace(/^because /i, '')}`)
}
