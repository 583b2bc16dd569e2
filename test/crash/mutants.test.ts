// Goal: every mutant still says what the sources say, and none can be on in a build that ships.
// Method: the table against the sources; the generated C++ against its original.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import ts from 'typescript'
import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { withSwitches } from '../../crash/mutants/switches.ts'
import { expression, isNative, type Mutant, statement } from '../../crash/mutants/mutant.ts'
import { control, mutants, nativeMutants } from '../../crash/mutants/table.ts'
import { layerSources } from '../../crash/registry.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const root = new URL('../..', import.meta.url).pathname
const read = (path: string): string => readFileSync(join(root, path), 'utf8')

test('at least 40 mutants, each with a name, a bug and layers that must find it', () => {
  assert.ok(mutants.length >= 40, String(mutants.length))
  const layers = new Set(layerSources.map(({ name }) => name))
  const names = new Set([control, ...mutants.map(({ name }) => name)])
  assert.is(names.size, mutants.length + 1, 'names are unique')
  for (const { name, bug, killedBy, edits } of mutants) {
    assert.match(name, /^[a-z]+(-[a-z]+)*$/)
    assert.ok(bug.length > 10 && edits.length > 0 && killedBy.length > 0, name)
    for (const layer of killedBy) assert.ok(layers.has(layer), `${name}: ${layer}`)
  }
})

test('every layer that is not only on request must find some of them', () => {
  const finders = new Set(mutants.flatMap(({ killedBy }) => killedBy))
  for (const { name, onRequest } of layerSources) assert.ok(onRequest || finders.has(name), name)
})

test('what a mutant replaces stands in its file exactly once', () => {
  for (const { name, edits } of mutants) {
    for (const { file, original, mutated } of edits) {
      const count = read(file).split(original).length - 1
      assert.is(count, 1, `${name}: ${file} has ${count} times: ${original}`)
      assert.is.not(original, mutated, name)
    }
  }
})

test('a mutant is in C++ or in TypeScript, and its edits say how they are switched', () => {
  for (const mutant of mutants) {
    for (const { file, form } of mutant.edits) {
      assert.is(/^native\/.*\.(cc|h)$/.test(file), isNative(mutant), mutant.name)
      assert.is(/^lib\/.*\.ts$/.test(file), !isNative(mutant), mutant.name)
      assert.is(form !== undefined, isNative(mutant), mutant.name)
    }
  }
})

test('TypeScript with a mutant in it is still TypeScript', () => {
  for (const { name, edits } of mutants.filter((mutant) => !isNative(mutant))) {
    for (const { file, original, mutated } of edits) {
      const source = read(file).replace(original, () => mutated)
      const { diagnostics } = ts.transpileModule(source, {
        reportDiagnostics: true,
        fileName: file,
      })
      assert.equal(diagnostics ?? [], [], name)
    }
  }
})

test('C++ with all switches -> generated; without them it is the original', () => {
  const destination = temporaryDirectory()
  execFileSync(process.execPath, [
    join(root, 'crash/mutants/generate-native.mjs'),
    join(root, 'native'),
    destination,
  ])
  const header = readFileSync(join(destination, 'base/mutants.h'), 'utf8')
  for (const [number, { name, edits }] of nativeMutants.entries()) {
    assert.ok(header.includes(`"${name}"`), name)
    for (const { file } of edits) {
      const generated = readFileSync(join(destination, file.replace('native/', '')), 'utf8')
      assert.ok(generated.includes(`MutantOn(${number})`), `${name}: ${file}`)
    }
  }
  const untouched = 'io/thread_queue.cc'
  assert.is(readFileSync(join(destination, untouched), 'utf8'), read(`native/${untouched}`))
})

test('no switch, and no name of one, in what ships', () => {
  const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard', 'native', 'lib'], {
    cwd: root,
    encoding: 'utf8',
  })
  for (const path of files.trim().split('\n')) {
    assert.not.match(read(path), /MutantOn|SEAWALL_MUTANT|mutants\.h/, path)
  }
})

const mutantOf = (name: string, edit: Mutant['edits'][number]): Mutant => {
  return { name, bug: '', killedBy: [], edits: [edit] }
}

test('switches -> expressions and statements; several in one place', () => {
  const source = 'int x = a + b;\nSync();\n'
  const first = mutantOf('first', expression('f.cc', 'a + b', 'a - b'))
  const second = mutantOf('second', statement('f.cc', 'Sync();', ''))
  const third = mutantOf('third', statement('f.cc', 'Sync();', 'Skip();'))
  assert.is(
    withSwitches(source, 'f.cc', [first, second, third]),
    'int x = (::seawall::MutantOn(0) ? (a - b) : (a + b));\n' +
      'if (::seawall::MutantOn(1)) {  } else if (::seawall::MutantOn(2)) { Skip(); } else { Sync(); }\n',
  )
  assert.is(withSwitches(source, 'other.cc', [first]), source)
})

test('text that is missing, that is there twice, that overlaps -> refused', () => {
  const overlapping = [
    mutantOf('outer', statement('f.cc', 'a; b;', '')),
    mutantOf('inner', statement('f.cc', 'b; c;', '')),
  ]
  assert.throws(() => withSwitches('a; b; c;', 'f.cc', overlapping), /overlap/)
  const missing = [mutantOf('missing', statement('f.cc', 'd;', ''))]
  assert.throws(() => withSwitches('a;', 'f.cc', missing), /0 times, not once: d;/)
  const twice = [mutantOf('twice', statement('f.cc', 'a;', ''))]
  assert.throws(() => withSwitches('a; a;', 'f.cc', twice), /2 times/)
})

test.run()
