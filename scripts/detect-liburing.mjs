// Prints 1 when the addon can be linked with the static liburing, 0 when not.
// SEAWALL_LIBURING=0|1 decides instead.
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'

function staticArchiveIsThere() {
  try {
    const directory = execFileSync('pkg-config', ['--variable=libdir', 'liburing'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim()
    return existsSync(`${directory}/liburing.a`)
  } catch {
    return false
  }
}

const wish = process.env.SEAWALL_LIBURING
console.log(
  wish === '0' || wish === '1'
    ? wish
    : process.platform === 'linux' && staticArchiveIsThere()
      ? '1'
      : '0',
)
