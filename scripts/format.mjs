// Formats both languages in place; with --check says which files are not formatted, and fails.
import { execFileSync } from 'node:child_process'

import { root, run } from './environment.mjs'

const check = process.argv.includes('--check')
const cxx = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '*.cc', '*.h'], {
  cwd: root,
  encoding: 'utf8',
})
const files = cxx.split('\n').filter((name) => name !== '')
run('clang-format', check ? ['--dry-run', '--Werror', ...files] : ['-i', ...files])
run('prettier', [check ? '--check' : '--write', '--log-level', 'warn', '**/*.{ts,mjs,js,json}'])
