import { spawnSync } from 'node:child_process'

import { checkout } from '../../programs/place.ts'
import { installPackages } from './debian-packages.ts'

export const rocksdbName = 'RocksDB'
const packageName = 'rocksdb-tools'
export const dbBench = 'db_bench'

/** A program that does not know what it was asked for still runs. */
function isInstalled(): boolean {
  return spawnSync(dbBench, ['--version'], { stdio: 'ignore' }).error === undefined
}

/**
 * Installs db_bench with apt-get when it is missing and this is a checkout. Says why it cannot be
 * measured, or nothing.
 */
export function installRocksdb(say: (text: string) => void): string | undefined {
  if (isInstalled()) return undefined
  if (checkout === undefined) return `${rocksdbName}: not installed (${packageName})`
  say(`installing ${packageName} with apt-get`)
  const failure = installPackages(packageName)
  if (isInstalled()) return undefined
  return `${rocksdbName}: apt-get could not install ${packageName} (${failure})`
}
