import { wrapped } from './terminal/wrapped.ts'

/** Of all help. */
export const usageColumns = 100
/** Where the help of an option begins at the latest. */
const headColumnsMax = 26

/** An option: its place in the usage text, and its default. */
export interface OptionRule {
  /** What stands behind it in the usage; none: it is a switch. */
  readonly value?: string
  readonly help: string
}

/** How a command is called, what it does, what it exits with, and its options: 100 columns wide. */
export function usageText(
  call: string,
  summary: string,
  rules: Readonly<Record<string, OptionRule>>,
): string {
  return [`${call} [OPTIONS]`, ...summaryLines(summary), '', ...optionLines(rules)].join('\n')
}

const usualExitCodes = 'Exit code 0: done; 2: it could not be done.'

// Line ends in a summary are those of its source, but the exit codes have lines of their own.
function summaryLines(summary: string): string[] {
  const text = summary.includes('Exit code') ? summary : `${summary} ${usualExitCodes}`
  return text
    .split(/\s+(?=Exit code 0)/)
    .flatMap((paragraph) => wrapped(paragraph.replaceAll('\n', ' '), usageColumns))
}

function optionLines(rules: Readonly<Record<string, OptionRule>>): string[] {
  return alignedLines(
    Object.entries(rules).map(([option, { value, help }]) => [
      value === undefined ? `--${option}` : `--${option} ${value}`,
      help,
    ]),
  )
}

/** Names and what they mean, in two columns. */
export function alignedLines(rows: readonly (readonly [name: string, words: string])[]): string[] {
  const longest = Math.max(0, ...rows.map(([name]) => name.length))
  const width = Math.min(headColumnsMax, longest) + 2
  return rows.flatMap(([name, words]) => {
    const [first = '', ...rest] = wrapped(words, usageColumns - width - 2)
    const margin = ' '.repeat(width + 2)
    return [`  ${name.padEnd(width)}${first}`, ...rest.map((line) => margin + line)]
  })
}
