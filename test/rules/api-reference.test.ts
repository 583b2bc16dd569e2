// Goal: all that is public is documented, and docs/API.md shows it as it is written.
// Method: reads the declarations of the package, and those of a small package made for the test.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { errorCodes } from '../../lib/error-codes.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

interface Comment {
  readonly text: string
  readonly tags: readonly { name: string; subject?: string; text: string }[]
}

interface Member {
  readonly name: string
  readonly kind: 'method' | 'property'
  readonly comment: Comment
  readonly type?: string
  readonly isOptional?: boolean
  readonly signature?: string
  readonly fields?: readonly Member[]
  readonly parameters?: readonly { name: string; fields: readonly Member[] }[]
}

interface Declaration {
  readonly name: string
  readonly path: string
  readonly kind: string
  readonly comment: Comment
  readonly members: readonly Member[]
}

type Modules = readonly { specifier: string; declarations: readonly Declaration[] }[]

// The generator is a script without types.
const script = (path: string): string => new URL(`../../scripts/${path}`, import.meta.url).href
const { readApi } = (await import(script('api-reference/read-api.mjs'))) as {
  readApi(root: string): Modules
}
const { renderApi, flattened } = (await import(script('api-reference/render.mjs'))) as {
  renderApi(modules: Modules): string
  flattened(fields: readonly Member[]): readonly Member[]
}
const { splitDefault } = (await import(script('api-reference/doc-comment.mjs'))) as {
  splitDefault(text: string): { text: string; standard: string | undefined }
}

const root = new URL('../..', import.meta.url).pathname
const modules = readApi(root)
const declarations = modules.flatMap((module) => module.declarations)

test('entries of the package -> all of them are in the reference', () => {
  const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    exports: Record<string, unknown>
  }
  const expected = Object.keys(exports)
    .filter((path) => !path.endsWith('.json'))
    .map((path) => join('seawall', path))
  assert.equal(
    modules.map(({ specifier }) => specifier),
    expected.map((path) => path.replace(/\/$/, '')),
  )
  for (const { specifier, declarations: found } of modules) assert.ok(found.length > 0, specifier)
})

/** What stands in no comment: of a declaration itself, its members, and fields of parameters. */
function undocumented({ name, path, comment, members }: Declaration): string[] {
  const isBare = ({ comment: { text } }: Member): boolean => text === ''
  const ofMembers = members.flatMap((member) => {
    const isSaid = new Set(member.comment.tags.map((tag) => tag.subject))
    const ofParameters = (member.parameters ?? []).flatMap((parameter) =>
      flattened(parameter.fields)
        .filter((field) => isBare(field) && !isSaid.has(`${parameter.name}.${field.name}`))
        .map((field) => `${member.name}(${parameter.name}.${field.name})`),
    )
    // What is an object of its own may say in one comment what its fields are.
    const ofMember = isBare(member) ? flattened([member]).filter(isBare) : []
    return [...ofMember.map((field) => field.name), ...ofParameters]
  })
  const own = comment.text === '' ? ['the declaration itself'] : []
  return [...own, ...ofMembers].map((what) => `${path}: ${name}: ${what}`)
}

test('every exported name, every public member, every field of an object -> has a doc comment', () => {
  assert.equal(declarations.flatMap(undocumented), [])
})

test('every option -> says its default, or is a function, a signal or required', () => {
  for (const { name, members } of declarations.filter((one) => /Options$/.test(one.name))) {
    for (const member of members) {
      const needsNone =
        member.isOptional !== true || /=>|AbortSignal|Tracer|Meter/.test(member.type ?? '')
      const { standard } = splitDefault(member.comment.text.replaceAll('\n', ' '))
      assert.ok(needsNone || standard !== undefined, `${name}.${member.name} says no default`)
    }
  }
})

test('every method that promises something -> says what it throws; every commit what survives', () => {
  const waits = declarations
    .flatMap(({ name, members }) => members.map((member) => ({ name, member })))
    .filter(({ member }) => /: Promise</.test(member.signature ?? ''))
    .filter(({ member }) => !/^\[Symbol|^turn$/.test(member.name))
  assert.ok(waits.length > 15)
  for (const { name, member } of waits) {
    // The user's own: what they throw is told where they are called.
    if (name === 'Operation') continue
    const tags = member.comment.tags.map((tag) => tag.name)
    assert.ok(tags.includes('throws'), `${name}.${member.name}: no @throws`)
    if (/^(commit|flush|open|transaction|checkpoint|truncateBefore)$/.test(member.name)) {
      assert.ok(tags.includes('durability'), `${name}.${member.name}: no @durability`)
    }
  }
})

test('codes that doc comments name -> exist', () => {
  const text = JSON.stringify(modules)
  const named = [...text.matchAll(/ERR_SEAWALL_\w+/g)].map(([code]) => code)
  assert.ok(named.length > 60)
  for (const code of named) assert.ok(code in errorCodes, code)
})

function packageOf(source: string): string {
  const directory = temporaryDirectory()
  mkdirSync(join(directory, 'lib'))
  const exports = { '.': { types: './dist/lib/index.d.ts', default: './dist/lib/index.js' } }
  writeFileSync(join(directory, 'package.json'), JSON.stringify({ name: 'seawall', exports }))
  writeFileSync(
    join(directory, 'tsconfig.json'),
    JSON.stringify({ compilerOptions: { strict: true } }),
  )
  writeFileSync(join(directory, 'lib/index.ts'), source)
  return directory
}

test('private, internal and computed members -> are left out; hidden types are written out', () => {
  const [module] = readApi(
    packageOf(`
type Hidden = 'a' | 'b'
interface Base { /** Of the base. */ readonly inherited: number }
/** Seen. */
export class Seen {
  #secret = 1
  private hidden = 2
  /** @internal */
  inner = 3
  /** One of two. */
  mode: Hidden | undefined
  [Symbol.iterator] = 4
  ['computed' + 1] = 5
  /** @param options.x why. Default 1. */
  go(options: { x?: number } = {}, ...rest: Hidden[]): void {}
  get size(): number { return this.#secret }
}
/** Wider. */
export interface Wider extends Base { /** Calls. */ (): void }
`),
  )
  const [seen, wider] = module?.declarations ?? []
  assert.equal(
    seen?.members.map(({ name, type }) => [name, type]),
    [
      ['mode', `'a' | 'b' | undefined`],
      ['[Symbol.iterator]', 'number'],
      ['go', undefined],
      ['size', 'number'],
    ],
  )
  assert.is(
    seen?.members[2]?.signature,
    `go(options?: { x?: number }, ...rest: ('a' | 'b')[]): void`,
  )
  assert.equal(
    wider?.members.map(({ name }) => name),
    ['inherited', '()'],
  )
})

test('a sentence that begins with Default -> becomes the default, the rest stays', () => {
  assert.equal(splitDefault('Bytes. Default 64 MiB. At most 1.5 GiB.'), {
    text: 'Bytes. At most 1.5 GiB.',
    standard: '64 MiB',
  })
  assert.equal(splitDefault('Default: none.'), { text: '', standard: 'none' })
  assert.equal(splitDefault('The Default of it'), {
    text: 'The Default of it',
    standard: undefined,
  })
})

test('an exported name without a place -> is refused by name', () => {
  const [first, ...rest] = modules
  assert.ok(first)
  const stray = { ...(first?.declarations[0] as Declaration), name: 'Stray' }
  const more = { specifier: 'seawall', declarations: [...(first?.declarations ?? []), stray] }
  assert.throws(() => renderApi([more, ...rest]), /Stray is exported, and has no place/)
  const fewer = { specifier: 'seawall', declarations: first?.declarations.slice(1) ?? [] }
  assert.throws(() => renderApi([fewer, ...rest]), /nothing exports/)
})

test('the page -> shows signature, default, durability, and links codes and names', () => {
  const page = renderApi(modules)
  assert.match(
    page,
    /```ts\nstatic open\(directory: string, options\?: LogOptions\): Promise<Log>\n```/,
  )
  assert.match(page, /^\| `bufferBytes` \| `number` \| 16 MiB \| /m)
  assert.match(page, /^- \*\*Durability\*\*: .+power cut/m)
  assert.match(page, /\[`ERR_SEAWALL_POISONED`\]\(ERRORS\.md#err_seawall_poisoned\)/)
  assert.match(page, /as \[`append`\]\(#logappend\)/)
  assert.not.match(page, /@(throws|param|internal|durability)/)
  assert.not.match(page, /\{\s*@link/)
})

test.run()
