import { existsSync } from 'node:fs'
import { join } from 'node:path'

import { checkout } from '../../programs/place.ts'
import { runAsRoot } from './debian-packages.ts'

const version = '15'
export const postgresName = `PostgreSQL ${version}`

// Where Debian's packages put the programs; none of them but the client is in the search path.
const programs = `/usr/lib/postgresql/${version}/bin`
const needed = ['initdb', 'postgres', 'pg_isready', 'pgbench', 'psql', 'pg_test_fsync'] as const
export type PostgresProgram = (typeof needed)[number]

export function pathOf(program: PostgresProgram): string {
  return join(programs, program)
}

function isInstalled(): boolean {
  return needed.every((program) => existsSync(pathOf(program)))
}

// Debian creates a cluster for a newly installed version and starts it, unless a file in this
// directory says no (pg_createcluster(8)); nothing else is changed, and the file goes afterwards.
const installScript = `
  directory=/etc/postgresql-common/createcluster.d
  settings=$directory/seawall-bench.conf
  mkdir -p "$directory"
  trap 'rm -f "$settings"; rmdir --ignore-fail-on-non-empty "$directory"' EXIT
  echo 'create_main_cluster = false' > "$settings"
  apt-get -y -qq update
  apt-get -y -qq install --no-install-recommends postgresql-${version}`

/**
 * Installs PostgreSQL with apt-get when it is missing and this is a checkout; no server runs
 * afterwards. Says why it cannot be measured, or nothing when it can.
 */
export function installPostgres(say: (text: string) => void): string | undefined {
  if (isInstalled()) return undefined
  if (checkout === undefined) return `${postgresName}: not installed (postgresql-${version})`
  say(`installing ${postgresName} with apt-get`)
  const failure = runAsRoot(installScript)
  if (isInstalled()) return undefined
  return `${postgresName}: apt-get could not install it (${failure})`
}
