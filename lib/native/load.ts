import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'

import { SeawallError } from '../errors.ts'
import { formatVersion } from '../format/layout.ts'
import { packageRoot } from '../util/package-root.ts'
import type { NativeBinding } from './binding.ts'

const require = createRequire(import.meta.url)
const loaded = new Map<string, NativeBinding>()

// A file name like /etc/alpine-release would miss other musl systems; the process report says
// which libc runs.
function libc(): 'glibc' | 'musl' {
  const report = process.report?.getReport() as
    { header?: { glibcVersionRuntime?: string } } | undefined
  return report?.header?.glibcVersionRuntime === undefined ? 'musl' : 'glibc'
}

function candidates(nativeBinding: string | undefined): string[] {
  const chosen = nativeBinding ?? process.env.SEAWALL_NATIVE_BINDING
  if (chosen !== undefined && chosen !== '') return [resolve(chosen)]
  return [
    join(packageRoot, 'native', 'build', 'Release', 'seawall.node'),
    join(packageRoot, 'prebuilds', `${process.platform}-${process.arch}`, `seawall.${libc()}.node`),
  ]
}

/**
 * Loads the native addon: `nativeBinding` or SEAWALL_NATIVE_BINDING if given, otherwise one that
 * was built in this checkout,
 * otherwise the prebuilt one. Throws ERR_SEAWALL_BINDING_UNAVAILABLE naming what was tried.
 */
export function loadBinding(nativeBinding?: string): NativeBinding {
  const tried: string[] = []
  for (const path of candidates(nativeBinding)) {
    const cached = loaded.get(path)
    if (cached !== undefined) return cached
    if (!existsSync(path)) {
      tried.push(`${path}: no such file`)
      continue
    }
    try {
      const binding = require(path) as NativeBinding
      if (binding.formatVersion !== formatVersion) {
        tried.push(
          `${path}: built for format ${binding.formatVersion}, this package needs ${formatVersion}`,
        )
        continue
      }
      loaded.set(path, binding)
      return binding
    } catch (error) {
      tried.push(`${path}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  throw new SeawallError('ERR_SEAWALL_BINDING_UNAVAILABLE', { detail: `tried ${tried.join('; ')}` })
}
