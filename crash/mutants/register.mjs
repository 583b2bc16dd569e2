// `node --import ./crash/mutants/register.mjs --import tsx ...` with SEAWALL_MUTANT=NAME: sources in
// TypeScript are loaded with that bug in them. It must come before tsx, which then compiles what
// the hook hands it; the other way round the hook would not find its text, and says so.
import { register } from 'node:module'

import { tsImport } from 'tsx/esm/api'

const name = process.env.SEAWALL_MUTANT ?? ''
if (name !== '') {
  const { control, mutantNamed } = await tsImport('./table.ts', import.meta.url)
  const all = name === control ? [] : mutantNamed(name).edits
  const edits = all.filter(({ form }) => form === undefined)
  if (edits.length > 0) register('./hooks.mjs', import.meta.url, { data: { edits } })
}
