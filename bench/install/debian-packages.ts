import { spawnSync } from 'node:child_process'

/** What apt-get said when it failed, in a line; undefined when it did not. */
export type InstallFailure = string | undefined

/**
 * Runs `script` (which may use apt-get) as root: directly, or with sudo where that asks for no
 * password. Blocks, for minutes at worst.
 */
export function runAsRoot(script: string): InstallFailure {
  const asRoot = process.getuid?.() === 0 ? [] : ['sudo', '-n']
  const [command = 'sh', ...args] = [...asRoot, 'sh', '-c', `set -e\n${script}`]
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const { status, stderr, error } = spawnSync(command, args, { encoding: 'utf8', env })
  if (status === 0) return undefined
  return (stderr ?? '').trim().split('\n').at(-1) || (error?.message ?? `status ${status}`)
}

/** Installs Debian packages without what they only recommend. */
export function installPackages(...names: string[]): InstallFailure {
  return runAsRoot(
    `apt-get -y -qq update
     apt-get -y -qq install --no-install-recommends ${names.join(' ')}`,
  )
}
