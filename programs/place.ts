import { fileURLToPath } from 'node:url'

/**
 * The checkout, for a program that runs from its sources. undefined: it is compiled, and part of an
 * installed package. Then it builds and installs nothing, and writes nothing into the package.
 */
export const checkout: string | undefined = import.meta.url.endsWith('.ts')
  ? fileURLToPath(new URL('..', import.meta.url))
  : undefined

/** Where the user is, whose paths are relative to it: npm runs scripts in the checkout. */
export function callerDirectory(): string {
  return process.env.SEAWALL_CALLER_DIRECTORY ?? process.cwd()
}
