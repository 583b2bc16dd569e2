// Goal: a failure file is checked before it is believed; every file of the corpus is valid, names its layer and says what was
// fixed.
// Method: damaged files; the real corpus.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { readCorpus } from '../../../crash/corpus.ts'
import {
  failureName,
  failureText,
  readFailure,
  whyNoFailure,
  writeFailure,
} from '../../../crash/failure-file.ts'
import { layerSources, sourceNamed } from '../../../crash/registry.ts'
import { temporaryDirectory } from '../../support/temporary-directory.ts'
import { madeFailure } from './layers/made.ts'

const failure = madeFailure('L1-log', { parameters: { deep: [{ list: [1, 2] }] }, choices: [0, 3] })

test('every corpus file is valid, of a layer that there is, with a note', () => {
  for (const { failure: fixed } of readCorpus()) {
    assert.is(sourceNamed(layerSources, fixed.layer).name, fixed.layer)
    assert.ok(fixed.fixed.length > 10)
  }
})

test('written and read -> the same; lists of numbers on one line; a name by content', () => {
  const directory = temporaryDirectory()
  const path = writeFailure(directory, failure)
  assert.equal(readFailure(path), failure)
  assert.match(failureText(failure), /"choices": \[ 0, 3 \]/)
  assert.is(failureName(failure), failureName({ ...failure, message: 'other words' }))
  assert.is.not(failureName(failure), failureName({ ...failure, choices: [0, 4] }))
  assert.match(failureName({ ...failure, oracle: '../I1' }), /^L1-log-..-I1-[0-9a-f]{8}\.json$/)
})

test('damaged -> refused with the reason', () => {
  for (const [changes, reason] of [
    [{ version: 2 }, 'version'],
    [{ layer: '' }, 'layer'],
    [{ oracle: 3 }, 'oracle'],
    [{ message: undefined }, 'message'],
    [{ seed: 0.5 }, 'seed'],
    [{ parameters: [] }, 'parameters'],
    [{ choices: [1, 'x'] }, 'choices'],
    [{ choices: undefined }, 'choices'],
  ] as const) {
    assert.match(whyNoFailure({ ...failure, ...changes }) ?? '', reason)
  }
  assert.is(whyNoFailure(failure), undefined)
  assert.is(whyNoFailure(null), 'not an object')
})

test('corpus file without a note, or not JSON -> an error with its name', () => {
  for (const [text, expected] of [
    [failureText(failure), /a\.json does not say what was fixed/],
    ['{', /a\.json: /],
  ] as const) {
    const directory = temporaryDirectory()
    writeFileSync(join(directory, 'a.json'), text)
    assert.throws(() => readCorpus(directory), expected)
  }
})

test.run()
