// Goal: a plot becomes lines where the values are, with spread, names and nothing that breaks the page.
// Method: small plots with known coordinates; the drawing is read as text.
import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { spreadApart } from '../../../bench/report/direct-labels.ts'
import { peersOf, stylesOf } from '../../../bench/report/line-style.ts'
import { drawPlot } from '../../../bench/report/plot-svg.ts'
import { spreadOf } from '../../../bench/measure/spread.ts'
import type { Line, Plot, Role } from '../../../bench/result/plot.ts'

const size = { width: 400, height: 300 }

function line(
  label: string,
  role: Role,
  ...points: readonly (readonly [number, number[]])[]
): Line {
  return { label, role, points: points.map(([x, values]) => ({ x, y: spreadOf(values) })) }
}

function plotOf(lines: Line[], scale: 'linear' | 'log' = 'linear'): Plot {
  const x = { label: 'clients', scale } as const
  const y = { label: 'rate', unit: '/s', scale } as const
  return { name: 'p', title: 'A <title>', caption: 'c', x, y, lines }
}

function draw(plot: Plot, wantsLabels = false): { text: string; isLabelled: boolean } {
  const { svg, isLabelled } = drawPlot(plot, size, stylesOf(plot.lines, []), wantsLabels)
  return { text: svg.text, isLabelled }
}

function coordinates(path: string): [number, number][] {
  return [...path.matchAll(/[ML](-?[\d.]+) (-?[\d.]+)/g)].map(([, x, y]) => [Number(x), Number(y)])
}

function linePaths(text: string): [number, number][][] {
  return [...text.matchAll(/class="line[^"]*"\s+d="([^"]*)"/g)].map(([, d]) => coordinates(d ?? ''))
}

const twice = (text: string, part: string): number => text.split(part).length - 1

test('points -> a path through them; the extremes touch the ends of the axes', () => {
  const [points] = linePaths(
    draw(plotOf([line('a', 'own', [0, [0]], [5, [50]], [10, [100]])])).text,
  )
  assert.is(points?.length, 3)
  const [first, middle, last] = points as [number, number][]
  assert.is(first?.[1], size.height - 48, 'on the axis')
  assert.is(last?.[0], size.width - 18)
  assert.ok(Math.abs((middle?.[0] ?? 0) - ((first?.[0] ?? 0) + (last?.[0] ?? 0)) / 2) < 0.2)
})

test('spread -> a whisker for each of few points, a band for many, nothing for single values', () => {
  const few = line('a', 'own', [1, [9, 10, 11]], [2, [20]], [3, [28, 30]])
  assert.is(twice(draw(plotOf([few])).text, 'class="whisker"'), 2)
  const points = Array.from({ length: 40 }, (_, i): [number, number[]] => [i, [i, i + 2]])
  const many = draw(plotOf([line('a', 'own', ...points)])).text
  assert.is(twice(many, 'class="band"'), 1)
  assert.is(twice(many, 'class="whisker"'), 0)
  assert.not.match(draw(plotOf([line('a', 'own', [1, [5]])])).text, /class="(whisker|band)"/)
})

test('a limit -> grey and dashed; with one point it goes from one end to the other', () => {
  const lines = [line('ours', 'own', [1, [5]], [9, [6]]), line('drive', 'limit', [400, [8]])]
  const { text } = draw(plotOf(lines))
  assert.match(text, /series limit"\s+style="--colour:var\(--limit-1\)"/)
  assert.match(text, /class="line dashed"/)
  const [level] = linePaths(text)
  assert.is(level?.length, 2)
  assert.is(level?.[0]?.[1], level?.[1]?.[1])
  assert.is(level?.[1]?.[0], size.width - 18)
  assert.not.match(text, />400</, 'its x is no value of the axis')
})

test('ours and a peer -> ours drawn last, in colours of their own', () => {
  const { text } = draw(plotOf([line('ours', 'own', [1, [5]]), line('lmdb', 'peer', [1, [4]])]))
  assert.ok(text.indexOf('series peer') < text.indexOf('series own'))
  assert.match(text, /--own-1/)
  assert.match(text, /--peer-1/)
})

test('a log axis, values without a place on it -> left out, the others drawn', () => {
  const gaps = line('a', 'own', [0, [5]], [1, [0]], [10, [50]], [100, [Number.NaN]], [1000, [500]])
  const { text } = draw(plotOf([gaps], 'log'))
  assert.is(linePaths(text)[0]?.length, 2)
  assert.not.match(text, /NaN|Infinity|undefined/)
})

test('no lines, lines without points -> axes and no nonsense', () => {
  for (const lines of [[], [line('a', 'own')]]) {
    const { text } = draw(plotOf(lines), true)
    assert.match(text, /class="axis"/)
    assert.not.match(text, /NaN|Infinity|undefined/)
  }
})

test('markup in texts -> escaped everywhere', () => {
  const { text } = draw(plotOf([line('<b>"x"&', 'own', [1, [2]])]), true)
  assert.not.match(text, /<b>/)
  assert.match(text, /&lt;b&gt;&quot;x&quot;&amp;/)
  assert.match(text, /aria-label="A &lt;title&gt;"/)
})

test('every point -> says its line, x, and the median with its range', () => {
  const { text } = draw(plotOf([line('ours', 'own', [64, [9000, 10_000, 11_000]])]))
  assert.match(
    text,
    /<title>\s*ours\s+clients: 64\s+rate: 10\.00 k\/s \(9\.00\.\.11\.00 k\/s\)\s*<\/title>/,
  )
})

test('labels at the ends -> when they fit near their lines; otherwise a legend is asked for', () => {
  const apart = [line('a', 'own', [1, [5]], [2, [5]]), line('b', 'peer', [1, [50]], [2, [50]])]
  assert.is(draw(plotOf(apart), true).isLabelled, true)
  const together = Array.from({ length: 7 }, (_, i) => line(`l${i}`, 'own', [1, [5]], [2, [5]]))
  assert.is(draw(plotOf(together), true).isLabelled, false)
  assert.is(draw(plotOf([line('a'.repeat(60), 'own', [1, [5]])]), true).isLabelled, false)
  assert.is(draw(plotOf(apart), false).isLabelled, false)
})

test('heights that collide -> moved apart, in order, within the limits', () => {
  assert.equal(spreadApart([10, 100], 16, 0, 200), [10, 100])
  assert.equal(spreadApart([50, 50, 51], 16, 0, 200), [50, 66, 82])
  assert.equal(spreadApart([199, 198], 16, 0, 200), [200, 184])
  assert.equal(spreadApart([-5, 0], 16, 0, 200), [0, 16])
})

test('a peer -> the same colour in every plot, however it is labelled', () => {
  const peers = peersOf([line('lmdb', 'peer'), line('better-sqlite3', 'peer')])
  const styleOf = (label: string) => stylesOf([line(label, 'peer')], peers)[0]
  assert.equal(styleOf('better-sqlite3, 64 committers'), styleOf('better-sqlite3'))
  assert.is.not(styleOf('lmdb')?.colour, styleOf('better-sqlite3')?.colour)
  const twoOfOne = stylesOf([line('lmdb, 1 KiB', 'peer'), line('lmdb, 4 KiB', 'peer')], peers)
  assert.equal(
    twoOfOne.map(({ isDashed }) => isDashed),
    [false, true],
  )
})

test.run()
