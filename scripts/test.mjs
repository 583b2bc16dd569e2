// `npm test [-- PATTERN]`: setup, checks, native tests under ASan and UBSan, then the TypeScript
// tests. With a pattern only
// the TypeScript files whose path contains it.
import { readdirSync } from 'node:fs'
import { join, relative } from 'node:path'

import { checks } from './check.mjs'
import { root } from './environment.mjs'
import { setup } from './setup.mjs'
import { runNativeTests } from './test-native.mjs'
import { conclude, describe, runFiles } from './test-runner.mjs'

function testFiles(directory) {
  return readdirSync(join(root, directory), { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name)
    if (entry.isDirectory()) return testFiles(path)
    return entry.name.endsWith('.test.ts') ? [join(root, path)] : []
  })
}

const pattern = process.argv[2] ?? ''
const files = testFiles('test').filter((file) => relative(root, file).includes(pattern))
const totals = { passed: 0, failed: 0, skipped: 0 }
const add = (part) => {
  for (const key of Object.keys(totals)) totals[key] += part[key]
}

setup({ forTests: true })
if (pattern === '') {
  for (const check of checks) {
    try {
      check.run()
      console.log(`ok   ${check.name}`)
      add({ passed: 1, failed: 0, skipped: 0 })
    } catch (error) {
      console.log(`FAIL ${check.name}: ${error.message}`)
      add({ passed: 0, failed: 1, skipped: 0 })
    }
  }
  add(runNativeTests())
}
add(
  await runFiles(files, (result) => {
    if (result.failed > 0) console.log(result.output)
    console.log(describe(result))
  }),
)
const { line, ok } = conclude(totals)
console.log(line)
process.exit(ok ? 0 : 1)
