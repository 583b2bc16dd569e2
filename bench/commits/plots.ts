import { valuesOf } from '../measure/rounds.ts'
import type { Spread } from '../measure/spread.ts'
import type { Axis, Line, Plot } from '../result/plot.ts'
import { type CommitEngine, committersInWords, sizeInWords } from './engine.ts'
import type { MeasuredCell } from './measure-cells.ts'
import { detailSpread } from './rows.ts'

const smallBytes = 128
const committersAxis: Axis = { label: 'committers', scale: 'log' }
const rateAxis: Axis = { label: 'commits a second', unit: '/s', scale: 'log' }

/** One line for each engine that was measured in at least one of the cells. */
function linesOf(
  cells: readonly MeasuredCell[],
  engines: readonly CommitEngine[],
  xOf: (cell: MeasuredCell) => number,
  yOf: (cell: MeasuredCell, engine: string) => Spread,
): Line[] {
  return engines
    .map(({ name, role }) => ({
      label: name,
      role,
      points: cells
        .filter(({ samples }) => samples.has(name))
        .map((cell) => ({ x: xOf(cell), y: yOf(cell, name) }))
        // What cannot be drawn: nobody counted it, or it is too little for a logarithm.
        .filter(({ y }) => y.min > 0),
    }))
    .filter(({ points }) => points.length > 0)
}

const committersOf = ({ committers }: MeasuredCell): number => committers

function detailPlot(
  plot: Omit<Plot, 'lines'>,
  cells: readonly MeasuredCell[],
  engines: readonly CommitEngine[],
  xOf: (cell: MeasuredCell) => number,
  detail: string,
): Plot {
  const yOf = ({ samples }: MeasuredCell, name: string) => detailSpread(samples, name, detail)
  return { ...plot, lines: linesOf(cells, engines, xOf, yOf) }
}

export function commitPlots(
  cells: readonly MeasuredCell[],
  engines: readonly CommitEngine[],
): Plot[] {
  const sizes = [...new Set(cells.map(({ bodyBytes }) => bodyBytes))]
  const rates = sizes.map((bodyBytes): Plot => {
    const ofSize = cells.filter((cell) => cell.bodyBytes === bodyBytes)
    const size = sizeInWords(bodyBytes)
    return {
      name: `rate-${bodyBytes}`,
      title: `Durable commits a second, ${size}`,
      caption:
        `Every committer waits until its record of ${size} is durable before the next one; ` +
        'fio shows what the drive gives.',
      x: committersAxis,
      y: rateAxis,
      lines: linesOf(ofSize, engines, committersOf, ({ samples }, name) => valuesOf(samples, name)),
    }
  })
  const small = cells.filter(({ bodyBytes }) => bodyBytes === smallBytes)
  const lone = cells.filter(({ committers }) => committers === 1)
  const cpu = {
    name: 'cpu',
    title: `CPU time for a million commits, ${smallBytes} B`,
    caption:
      'All threads and processes of an engine, the loop that commits included; for PostgreSQL the server and pgbench.',
    x: committersAxis,
    y: { label: 'CPU seconds per million commits', unit: 's per million', scale: 'log' },
  } as const
  const amplification = {
    name: 'write-amplification',
    title: `Bytes that reach the drive for a byte of body, ${committersInWords(1)}`,
    caption:
      'By the counters of the disk while the commits run: the log, tables, compaction, ' +
      'checkpoints and the file system; nothing is smaller than a block.',
    x: { label: 'bytes of a record', scale: 'log' },
    y: { label: 'bytes written per byte', unit: 'bytes/byte', scale: 'log' },
  } as const
  const flushes = {
    name: 'flushes',
    title: `Flushes of the drive for a commit, ${smallBytes} B`,
    caption: 'By the counters of the disk: what commits that wait at the same time share.',
    x: committersAxis,
    y: { label: 'flushes per commit', unit: 'per commit', scale: 'log' },
  } as const
  const bytesOf = ({ bodyBytes }: MeasuredCell): number => bodyBytes
  return [
    ...rates.filter(({ lines }) => lines.some(({ points }) => points.length > 1)),
    detailPlot(cpu, small, engines, committersOf, 'cpuSecondsPerMillion'),
    detailPlot(amplification, lone, engines, bytesOf, 'writeAmplification'),
    detailPlot(flushes, small, engines, committersOf, 'flushesPerCommit'),
  ]
}
