import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

export const peerNames = ['lmdb', 'better-sqlite3', 'classic-level'] as const
export type PeerName = (typeof peerNames)[number]

/** Which peers can be measured, and why the others cannot. */
export interface InstalledPeers {
  readonly available: readonly PeerName[]
  readonly missing: readonly string[]
}

function npm(directory: string, args: string[]): boolean {
  const options = { cwd: directory, stdio: 'ignore', timeout: 15 * 60_000 } as const
  return spawnSync('npm', [...args, '--no-audit', '--no-fund'], options).status === 0
}

/** Asked of another process: a binary for another Node can crash the one that loads it. */
function loads(directory: string, name: PeerName): boolean {
  const probe = `const { open } = await import('./${name}.mjs'); if (!open) process.exit(1);
    if ('${name}' === 'better-sqlite3') new (await import('better-sqlite3')).default(':memory:').close()`
  const args = ['--input-type=module', '-e', probe]
  return spawnSync(process.execPath, args, { cwd: directory, stdio: 'ignore' }).status === 0
}

/**
 * Installs the peers into bench/peers/node_modules. lmdb and classic-level come with their
 * binaries; better-sqlite3 has to download one or, where there is none for this Node, compile it.
 */
export function installPeers(root: string, say: (text: string) => void): InstalledPeers {
  const directory = join(root, 'bench/peers')
  if (!peerNames.every((name) => existsSync(join(directory, 'node_modules', name)))) {
    say(`installing ${peerNames.join(', ')} into bench/peers`)
    if (!npm(directory, ['install', '--ignore-scripts', '--no-package-lock'])) {
      return { available: [], missing: ['peers: npm could not install them'] }
    }
  }
  if (!loads(directory, 'better-sqlite3')) {
    say('compiling better-sqlite3, which has no binary for this Node (minutes, once)')
    npm(directory, ['rebuild', 'better-sqlite3'])
  }
  const available = peerNames.filter((name) => loads(directory, name))
  const missing = peerNames
    .filter((name) => !available.includes(name))
    .map(
      (name) => `${name}: it has no binary for Node ${process.version}, and could not be compiled`,
    )
  return { available, missing }
}
