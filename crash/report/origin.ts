import { execFileSync } from 'node:child_process'
import { cpus, release, totalmem } from 'node:os'
import { fileURLToPath } from 'node:url'

import type { Origin } from '../outcome.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

function commit(): string {
  try {
    return execFileSync('git', ['describe', '--always', '--dirty'], {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim()
  } catch {
    return 'unknown'
  }
}

/** Kernel, processor, versions; no name of a machine, a user or a folder. */
export function describeOrigin(startedAt: Date): Origin {
  return {
    at: startedAt.toISOString(),
    commit: commit(),
    kernel: release(),
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cpus: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    seconds: (Date.now() - startedAt.getTime()) / 1000,
  }
}
