import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

import { checkout } from '../../programs/place.ts'

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
function loads(name: PeerName): boolean {
  const module = new URL('../peers/load-package.mjs', import.meta.url).href
  const probe = `const { load } = await import('${module}'); const peer = await load('${name}');
    if ('${name}' === 'better-sqlite3') new peer.default(':memory:').close()`
  const args = ['--input-type=module', '-e', probe]
  return spawnSync(process.execPath, args, { stdio: 'ignore' }).status === 0
}

/** Those that are there: in node_modules around this package, or around the working directory. */
function findPeers(): InstalledPeers {
  const available = peerNames.filter(loads)
  const missing = peerNames
    .filter((name) => !available.includes(name))
    .map((name) => `${name}: cannot be loaded here (npm install ${name})`)
  return { available, missing }
}

/**
 * In a checkout: installs the peers into bench/peers/node_modules; otherwise those that are there
 * have to do. lmdb and classic-level come with their
 * binaries; better-sqlite3 has to download one or, where there is none for this Node, compile it.
 */
export function installPeers(say: (text: string) => void): InstalledPeers {
  if (checkout === undefined) return findPeers()
  const directory = join(checkout, 'bench/peers')
  if (!peerNames.every((name) => existsSync(join(directory, 'node_modules', name)))) {
    say(`installing ${peerNames.join(', ')} into bench/peers`)
    if (!npm(directory, ['install', '--ignore-scripts', '--no-package-lock'])) {
      return { available: [], missing: ['peers: npm could not install them'] }
    }
  }
  if (!loads('better-sqlite3')) {
    say('compiling better-sqlite3, which has no binary for this Node (minutes, once)')
    npm(directory, ['rebuild', 'better-sqlite3'])
  }
  const available = peerNames.filter(loads)
  const missing = peerNames
    .filter((name) => !available.includes(name))
    .map(
      (name) => `${name}: it has no binary for Node ${process.version}, and could not be compiled`,
    )
  return { available, missing }
}
