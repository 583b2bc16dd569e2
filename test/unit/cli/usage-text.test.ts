// Goal: every usage text has the same form, whatever its source looks like, and no line is too long.
// Method: made-up commands.
import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { alignedLines, usageText } from '../../../lib/cli/usage-text.ts'

test('summary and options -> the call, what it does, the exit codes on lines of their own, the options', () => {
  const summary = 'Does a thing\nin DIR. Exit code 0: well; 1: not.'
  const rules = { size: { value: 'N', help: 'how much' }, json: { help: 'as JSON' } }
  assert.equal(usageText('seawall x DIR', summary, rules).split('\n'), [
    'seawall x DIR [OPTIONS]',
    'Does a thing in DIR.',
    'Exit code 0: well; 1: not.',
    '',
    '  --size N  how much',
    '  --json    as JSON',
  ])
})

test('a summary without exit codes -> the usual ones', () => {
  assert.match(
    usageText('x', 'Does a thing.', {}),
    /\nExit code 0: done; 2: it could not be done\.\n/,
  )
})

test('long words and sentences -> lines of at most 100 columns, the help of an option in its column', () => {
  const sentence = Array.from({ length: 60 }, (_, i) => `word${i}`).join(' ')
  const lines = usageText('x', sentence, { size: { value: 'N', help: sentence } }).split('\n')
  for (const line of lines) assert.ok(line.length <= 100, line)
  const options = lines.slice(lines.indexOf('') + 1)
  assert.ok(options.length > 3)
  for (const line of options.slice(1)) assert.match(line, /^ {12}word/)
  const words = lines.join(' ').match(/word\d+/g) ?? []
  assert.is(words.length, 120, 'nothing is lost')
})

test('no rows -> no lines', () => assert.equal(alignedLines([]), []))

test.run()
