// Goal: what a document points to exists: links, anchors, folders, commands and their options.
// Method: reads every tracked document, and asks the command line for its help.
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'

import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { anchorsOf, linksOf } from '../support/markdown.ts'

const root = new URL('../..', import.meta.url).pathname

function files(...patterns: string[]): string[] {
  const args = ['ls-files', '-co', '--exclude-standard', ...patterns]
  const names = execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim().split('\n')
  return names.filter((name) => existsSync(join(root, name)))
}

const read = (path: string): string => readFileSync(join(root, path), 'utf8')
const documents = files('*.md')

test('anchors are those that GitHub makes', () => {
  const text =
    '# A `b`: c_d (e)!\n## Same\n```\n# no heading\n```\n## Same\n### [Link](x.md) to it\n'
  assert.equal([...anchorsOf(text)], ['a-b-c_d-e', 'same', 'same-1', 'link-to-it'])
})

test('links in code are none, a title and an address outside are left out', () => {
  const text =
    '[a](b.md#c) `[no](x)` ![i](p.png "t")\n```\n[no](y)\n```\n[w](https://x.org) [s](#t)'
  assert.equal(linksOf(text), ['b.md#c', 'p.png', '#t'])
})

test('every relative link and anchor in a document -> exists', () => {
  assert.ok(documents.length > 15)
  for (const document of documents) {
    for (const link of linksOf(read(document))) {
      const [path = '', anchor] = link.split('#')
      const target = path === '' ? document : normalize(join(dirname(document), decodeURI(path)))
      assert.ok(existsSync(join(root, target)), `${document} links to ${link}: no such file`)
      if (anchor === undefined || !target.endsWith('.md')) continue
      assert.ok(
        anchorsOf(read(target)).has(anchor),
        `${document} links to ${link}: no such heading`,
      )
    }
  }
})

test('documents for users -> README links to each of them', () => {
  const linked = new Set(linksOf(read('README.md')).map((link) => link.split('#')[0]))
  const ofRoot = documents.filter((path) => !path.includes('/') && path !== 'README.md')
  const ofDocs = documents.filter((path) => /^docs\/[^/]+\.md$/.test(path))
  assert.ok(ofRoot.length >= 3 && ofDocs.length >= 7)
  for (const path of [...ofRoot, ...ofDocs]) {
    assert.ok(linked.has(path), `README.md does not link to ${path}`)
  }
})

test('folders that ARCHITECTURE.md names -> exactly those that there are', () => {
  const named = [...read('ARCHITECTURE.md').matchAll(/^\| `([\w/]+)\/` \|/gm)].map((m) => m[1])
  const present = files().flatMap((path) => {
    const [top = '', below = '', rest] = path.split('/')
    if (below === '' || top.startsWith('.')) return []
    const isLayered = (top === 'lib' || top === 'native') && rest !== undefined
    return isLayered ? [top, `${top}/${below}`] : [top]
  })
  assert.equal([...named].sort(), [...new Set(present)].sort())
})

test('documents of one page -> are one page', () => {
  const linesMax: Record<string, number> = { 'ARCHITECTURE.md': 120, 'CONTRIBUTING.md': 60 }
  for (const [path, most] of Object.entries(linesMax)) {
    assert.ok(read(path).split('\n').length <= most, `${path} has more than ${most} lines`)
  }
})

/** What code in the documents calls: `seawall verify DIR --repair` -> words and options. */
function commandsIn(text: string): { words: string[]; options: string[] }[] {
  const code = [...text.matchAll(/```[\s\S]*?```|`[^`\n]+`/g)].map(([span]) => span)
  return code
    .flatMap((span) => [...span.matchAll(/(?:^|[\s`])seawall ((?:[a-z]+\b)[^`\n#|;]*)/g)])
    .map(([, call = '']) => {
      const words = /^(?:[a-z]+ ?\b)+/.exec(call)?.[0].trim().split(' ') ?? []
      return {
        words,
        options: [...call.matchAll(/(?:^|\s)(--[a-z][\w-]*)/g)].map((m) => m[1] ?? ''),
      }
    })
}

test('commands in a document -> their words and options are found', () => {
  const text =
    'run `npx seawall rig agent DIR --size 1` or\n```\nseawall stat DIR --json # --no\n```\n'
  assert.equal(commandsIn(text), [
    { words: ['rig', 'agent'], options: ['--size'] },
    { words: ['stat'], options: ['--json'] },
  ])
  assert.equal(commandsIn('`seawall:flush`, seawall is, `@seawall x`'), [])
})

const help = new Map<string, string>()

function helpOf(words: readonly string[]): string {
  const key = words.join(' ')
  const known = help.get(key)
  if (known !== undefined) return known
  const tsx = new URL('../../node_modules/tsx/dist/loader.mjs', import.meta.url).href
  const main = join(root, 'lib/cli/main.ts')
  const args = ['--import', tsx, main, ...words, '--help']
  const { stdout, stderr, status } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  assert.is(status, 0, `seawall ${key} --help: ${stderr}`)
  help.set(key, stdout)
  return stdout
}

test('every `seawall` command and option that a document names -> is in its help', () => {
  const groups = new Set(['demo', 'rig'])
  const present = [...helpOf([]).matchAll(/^ {2}(\w+) {2}/gm)].map((m) => m[1] ?? '')
  assert.ok(present.includes('rig'), helpOf([]))
  for (const path of documents) {
    for (const { words, options } of commandsIn(read(path))) {
      const [name = '', next] = words
      assert.ok(present.includes(name), `${path} names seawall ${name}`)
      const command = groups.has(name) && next !== undefined ? [name, next] : [name]
      for (const option of options.filter((one) => one !== '--help')) {
        assert.ok(
          new RegExp(`${option}\\b`).test(helpOf(command)),
          `${path} names seawall ${command.join(' ')} ${option}`,
        )
      }
    }
  }
})

test.run()
