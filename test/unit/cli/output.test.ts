// Goal: output waits for its reader, whatever its length, and nothing in it takes over a terminal.
// Method: streams in memory, one that takes nothing for a while; every control character there is.
import { Writable } from 'node:stream'

import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { colourFor } from '../../../lib/cli/terminal/colour.ts'
import { Output } from '../../../lib/cli/terminal/output.ts'
import { visible, visibleLines } from '../../../lib/cli/terminal/visible.ts'
import { wrapped } from '../../../lib/cli/terminal/wrapped.ts'

class Reader extends Writable {
  readonly isTTY: boolean
  text = ''
  writes = 0
  #take: (() => void) | undefined

  constructor(isTTY = false) {
    super({ highWaterMark: 1024 })
    this.isTTY = isTTY
  }

  override _write(chunk: Buffer, _encoding: string, taken: () => void): void {
    this.text += chunk.toString()
    this.writes += 1
    this.#take = taken
  }

  read(): void {
    this.#take?.()
  }
}

const controls = [...Array(0x20).keys(), 0x7f, ...Array.from({ length: 32 }, (_, i) => 0x80 + i)]
const directions = [0x2028, 0x2029, 0x202a, 0x202e, 0x2066, 0x2069]

test('many lines -> handed over in large pieces, none before the reader has taken the last', async () => {
  const reader = new Reader()
  const output = new Output(reader)
  const line = 'x'.repeat(999)
  let lines = 0
  while (!output.line(line)) lines += 1
  assert.ok(lines > 60 && lines < 70)
  assert.is(reader.writes, 0)
  let isDrained = false
  const drained = output.drain().then(() => (isDrained = true))
  await new Promise((resolve) => setImmediate(resolve))
  assert.is(reader.writes, 1)
  assert.is(isDrained, false)
  reader.read()
  await drained
  assert.is(reader.text, `${line}\n`.repeat(lines + 1))
  await output.drain()
  assert.is(reader.writes, 1, 'nothing is left to be written')
})

test('control characters -> written out; line ends and tabs stay in lines', () => {
  for (const code of [...controls, ...directions]) {
    const character = String.fromCharCode(code)
    const escaped = `\\u${code.toString(16).padStart(4, '0')}`
    assert.is(visible(`a${character}b`), `a${escaped}b`)
    const stays = character === '\n' || character === '\t'
    for (const isTerminal of [true, false]) {
      assert.is(
        visibleLines(`a${character}b`, isTerminal),
        stays ? `a${character}b` : `a${escaped}b`,
      )
    }
  }
  assert.is(visible('Grüße, 日本 ✓ 🙂'), 'Grüße, 日本 ✓ 🙂')
})

test('what moves the cursor or changes the title -> is text; colours stay on a terminal only', () => {
  const { bad } = colourFor({ isTTY: true }, {})
  const attack = 'a\u001b[2Jb\u001b]0;title\u0007c\u009b31md'
  assert.is(
    visibleLines(bad(attack), true),
    '\u001b[31ma\\u001b[2Jb\\u001b]0;title\\u0007c\\u009b31md\u001b[0m',
  )
  assert.not.match(visibleLines(bad(attack), false), /[\u001b\u0007\u009b]/)
})

test('output for a terminal and for a file -> no control character but colours, and those not in files', async () => {
  for (const [isTTY, expected] of [
    [true, '\u001b[31mred\u001b[0m\\u001b[H\n'],
    [false, '\\u001b[31mred\\u001b[0m\\u001b[H\n'],
  ] as const) {
    const reader = new Reader(isTTY)
    const output = new Output(reader)
    output.line('\u001b[31mred\u001b[0m\u001b[H')
    await output.drain()
    assert.is(reader.text, expected)
  }
})

test('JSON -> stays the same value', () => {
  const value = { name: String.fromCharCode(...controls, ...directions), text: 'é' }
  for (const space of [0, 2]) {
    const text = JSON.stringify(value, undefined, space)
    const printed = visibleLines(text, true)
    assert.equal(JSON.parse(printed), value)
    assert.not.match(printed, /[\u0080-\u009f\u007f\u2028]/)
  }
})

test('colours -> on a terminal; not with NO_COLOR, not on a dumb one, not elsewhere', () => {
  assert.is(colourFor({ isTTY: true }, { TERM: 'xterm' }).bad('x'), '\u001b[31mx\u001b[0m')
  assert.is(colourFor({ isTTY: true }, { NO_COLOR: '' }).strong('x'), '\u001b[1mx\u001b[0m')
  assert.is(colourFor({ isTTY: true }, { NO_COLOR: '0' }).bad('x'), 'x')
  assert.is(colourFor({ isTTY: true }, { TERM: 'dumb' }).bad('x'), 'x')
  assert.is(colourFor({ isTTY: false }, {}).bad('x'), 'x')
  assert.is(colourFor({}, {}).bad('x'), 'x')
})

test('text in lines of some columns -> whole words', () => {
  assert.equal(wrapped('one two three', 7), ['one two', 'three'])
  assert.equal(wrapped('a longest-of-all b', 5), ['a', 'longest-of-all', 'b'])
  assert.equal(wrapped('', 10), [''])
})

test.run()
