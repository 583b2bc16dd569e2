import { homedir, hostname, tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '')

/** `text` without what belongs to this machine alone: its name, and where its folders are. */
export function withoutPlaces(text: string): string {
  const replacements: [string, string][] = [
    [root, '.'],
    [tmpdir(), 'TMP'],
    [homedir(), '~'],
  ]
  const cleaned = replacements.reduce(
    (soFar, [place, name]) => (place.length > 1 ? soFar.replaceAll(place, name) : soFar),
    text,
  )
  // As a word only: a machine may be called vm, and then there is NVMe.
  const name = hostname().replace(/[^\w.-]/g, '')
  return name === '' ? cleaned : cleaned.replace(new RegExp(`\\b${escape(name)}\\b`, 'g'), 'HOST')
}

function escape(text: string): string {
  return text.replace(/[.-]/g, '\\$&')
}

/** The same for every text in a value. */
export function valueWithoutPlaces<T>(value: T): T {
  return JSON.parse(
    JSON.stringify(value, (_, part: unknown) =>
      typeof part === 'string' ? withoutPlaces(part) : part,
    ),
  ) as T
}
