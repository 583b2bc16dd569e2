// Goal: a terminal sees how far a job is, how fast, and what is left, on one line; nobody else sees anything.
// Method: terminals in memory.
import { setTimeout as sleep } from 'node:timers/promises'

import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { progressLine, ProgressView } from '../../programs/progress-view.ts'

function terminal(isTTY: boolean, columns = 80) {
  const written: string[] = []
  const write = (text: string): boolean => {
    written.push(text)
    return true
  }
  return { isTTY, columns, write: write as NodeJS.WriteStream['write'], written }
}

test('a part and what is left -> bar, percent, time left, then the rest', () => {
  const line = progressLine(0.5, '7 MB/s', 12_300)
  assert.is(line, '  [########........]  50 %, 13 s left; 7 MB/s')
  assert.is(progressLine(1, 'x', 200_000), '  [################] 100 %, 3 min 20 s left; x')
  assert.is(progressLine(0, 'x', undefined), '  [................]   0 %; x')
  assert.match(progressLine(1.2, 'x', 0), /100 %/)
})

test('half of it took a second -> about a second is left', async () => {
  const seen = terminal(true)
  const view = new ProgressView(seen)
  view.show(0, 'begins')
  await sleep(1100)
  view.show(0.5, 'goes on')
  assert.not.match(seen.written[0] ?? '', /left/)
  assert.match(seen.written[1] ?? '', /^\r.*50 %, [2-9] s left; goes on/)
  view.end()
  assert.is(seen.written.at(-1), '\r\u001b[K')
})

test('calls in quick succession -> drawn now and then', () => {
  const seen = terminal(true)
  const view = new ProgressView(seen)
  for (let i = 0; i < 1000; i++) view.show(i / 1000, 'x')
  assert.is(seen.written.length, 1)
})

test('a narrow terminal -> the line does not wrap', () => {
  const seen = terminal(true, 30)
  new ProgressView(seen).show(0.5, 'far more than fits into a line of thirty columns')
  const visible = (seen.written[0] ?? '').replace(/\r|\u001b\[K/g, '')
  assert.is(visible.length, 29)
})

test('no terminal -> nothing, not even at the end', () => {
  const seen = terminal(false)
  const view = new ProgressView(seen)
  view.show(0.5, 'x')
  view.clear()
  view.end()
  assert.equal(seen.written, [])
})

test.run()
