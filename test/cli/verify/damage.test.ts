// timeout: 300s
// Goal: every kind of damage is found, called by its name, and gives exit code 1; what is no damage
// gives 0; and looking changes nothing.
// Method: real logs and stores, damaged by hand, one case each; `seawall verify --json` as a process.
import { cpSync } from 'node:fs'
import { join } from 'node:path'

import { test } from 'uvu'
import * as assert from 'uvu/assert'

import type { FindingGroup } from '../../../lib/inspection/verify/finding.ts'
import { temporaryDirectory } from '../../support/temporary-directory.ts'
import { imageOf, readLog } from './damage.ts'
import type { DamageCase } from './damage-case.ts'
import { forgedCases } from './forged-cases.ts'
import { logCases } from './log-cases.ts'
import { makeStore, runSeawall, type StoreKind } from './run-seawall.ts'
import { storeCases } from './store-cases.ts'

const bases = new Map<StoreKind, Promise<string>>()

function base(kind: StoreKind): Promise<string> {
  let directory = bases.get(kind)
  if (directory === undefined) {
    directory = makeStore(kind)
    bases.set(kind, directory)
  }
  return directory
}

async function runCase({ kind, damage, found, status }: DamageCase): Promise<void> {
  const directory = join(temporaryDirectory(), 'subject')
  cpSync(await base(kind), directory, { recursive: true, preserveTimestamps: true })
  await damage({ directory, other: base, ...(await readLog(directory)) })
  const before = imageOf(directory)
  const run = await runSeawall('verify', directory, '--json')
  const groups = run.status === 2 ? [] : (JSON.parse(run.stdout) as { found: FindingGroup[] }).found
  const what = JSON.stringify(
    groups.map(({ code, findings }) => [code, ...findings.slice(0, 2).map((one) => one.sentence)]),
  )
  const codes = groups.map(({ code }) => code)
  assert.equal(codes.sort(), [...found].sort(), `${what} ${run.stderr}`)
  assert.is(run.status, status, run.stderr)
  assert.equal(imageOf(directory), before, 'the directory has changed')
  assert.ok(groups.every(({ remedy, findings }) => remedy !== '' && findings.length > 0))
}

const only = process.env.SEAWALL_CASE ?? ''
const cases = [...logCases, ...storeCases, ...forgedCases]
for (const one of cases.filter(({ name }) => name.includes(only))) {
  test(`${one.name} (${one.kind}) -> ${one.found.join(', ') || 'nothing'}, exit code ${one.status}`, () =>
    runCase(one))
}

test.run()
