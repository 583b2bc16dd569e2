// Goal: a terminal sees which case runs, how fast, and how much of the run is left; it never goes back.
// Method: a run of cases without work, seen by a terminal in memory.
import { setTimeout as sleep } from 'node:timers/promises'

import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { partOfCase, RunProgress } from '../../bench/run-progress.ts'
import { ProgressView } from '../../programs/progress-view.ts'

function terminal(isTTY: boolean) {
  const written: string[] = []
  const write = (text: string): boolean => {
    written.push(text)
    return true
  }
  return { isTTY, columns: 100, write: write as NodeJS.WriteStream['write'], written }
}

test('a case that takes longer than usual -> nearly done, never done', () => {
  assert.is(partOfCase(0, 10), 0)
  assert.is(partOfCase(5, 10), 0.5)
  assert.is(partOfCase(1000, 10), 0.95)
})

test('cases one after the other -> each by name, further every time', async () => {
  const seen = terminal(true)
  const names = ['append', 'read', 'memory']
  const progress = new RunProgress(names, false, () => 7, new ProgressView(seen))
  for (const name of names) {
    progress.begin(name)
    await sleep(1100)
    progress.end()
  }
  const lines = seen.written.filter((text) => text.includes('%'))
  const parts = lines.map((line) => Number(/(\d+) %/.exec(line)?.[1]))
  assert.equal(
    parts,
    [...parts].sort((a, b) => a - b),
  )
  names.forEach((name, i) => {
    const line = lines.find((text) => text.includes(`${name} (${i + 1} of 3)`))
    assert.match(line ?? '', /\d+\.\d measurements\/s/)
  })
  assert.match(lines.at(-1) ?? '', / s left; /)
  assert.is(seen.written.at(-1), '\r\u001b[K')
})

test('no terminal -> nothing, and no timer that keeps the process', async () => {
  const seen = terminal(false)
  const progress = new RunProgress(['append'], false, () => 1, new ProgressView(seen))
  progress.begin('append')
  await sleep(600)
  progress.end()
  assert.equal(seen.written, [])
})

test.run()
