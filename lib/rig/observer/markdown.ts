import { cutsForBound } from './statistics.ts'
import type { ProbeSummary, Summary } from './summary.ts'

const probeTitles = {
  device: 'A: raw device',
  engine: 'B: engine',
  file: 'C: file of the file system',
} as const

const verdictSentences: Record<Summary['culprit'], string> = {
  none: 'Nothing was lost.',
  device: 'The device lost what it had acknowledged.',
  'file system or mount':
    'The device is clean; the file system, its mount options or a layer between them lost data.',
  'device or file system':
    'The device or the file system lost data; only probe A could tell which.',
  engine: 'The engine lost data; what is below it is clean.',
  'engine or below':
    'The engine or something below it lost data; only probes A and C could tell which.',
}

/** summary.md: for people. */
export function markdownOf(summary: Summary): string {
  const percent = (summary.lossBound95 * 100).toPrecision(2)
  const bound =
    summary.losses > 0
      ? 'No bound: something was lost.'
      : summary.cleanValidCuts === 0
        ? 'No bound: no power cut was proved.'
        : `At 95 % confidence a cut loses something with a probability below ${percent} % ` +
          `(${summary.cleanValidCuts} clean cuts; 1 % takes ${cutsForBound(0.01)}).`
  return [
    '# Power-loss rig: summary',
    '',
    `**${verdictSentences[summary.culprit]}** ${bound}`,
    '',
    ...table([
      ['run', summary.run],
      ['seed', summary.seed],
      ['tool', `seawall ${summary.tool}`],
      ...Object.entries(summary.machine),
      ['cycles judged', summary.cycles],
      ['power cuts that count', summary.validCuts],
      ['of these without a loss', summary.cleanValidCuts],
      ['cycles that do not count', countsInWords(summary.invalid)],
      ['cuts during recovery', summary.cutsInRecovery],
      ['acknowledged records', summary.ackedRecords],
      ['acknowledged bytes', summary.ackedBytes],
      ['losses', summary.losses],
      ['lost, by time before the cut', countsInWords(summary.histogramMsBeforeCut)],
    ]),
    '',
    ...summary.probes.flatMap(probeSection),
    '## What is not proven',
    '',
    ...summary.notProven.map((sentence) => `- ${sentence}`),
    '',
  ].join('\n')
}

function probeSection(probe: ProbeSummary): string[] {
  const examples = probe.examples.map((example) => `- ${example}`)
  return [
    `## Probe ${probeTitles[probe.kind]}`,
    '',
    ...table([
      ['target', probe.target],
      ...Object.entries(probe.fingerprint),
      ['acknowledged records', probe.ackedRecords],
      ['acknowledged bytes', probe.ackedBytes],
      ['losses', countsInWords(probe.losses)],
      ['for information', countsInWords(probe.information)],
    ]),
    '',
    ...(examples.length > 0 ? [...examples, ''] : []),
  ]
}

function table(rows: readonly (readonly [string, unknown])[]): string[] {
  const cell = (value: unknown): string => String(value).replaceAll('|', '\\|')
  return [
    '| | |',
    '|---|---|',
    ...rows.map(([name, value]) => `| ${cell(name)} | ${cell(value)} |`),
  ]
}

function countsInWords(counts: Readonly<Record<string, number | undefined>>): string {
  const words = Object.entries(counts).map(([name, count]) => `${name} ${count ?? 0}`)
  return words.length === 0 ? 'none' : words.join(', ')
}
