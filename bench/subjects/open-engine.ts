import { mkdirSync, rmSync } from 'node:fs'

import type { Engine, EngineOptions } from '../../lib/index.ts'
import { loadLibrary } from './open-log.ts'

export interface EngineConfig {
  readonly directory: string
  readonly options?: EngineOptions
}

/** Opens the engine in its directory as it is. */
export async function openEngine({ directory, options }: EngineConfig): Promise<Engine> {
  const { Engine } = await loadLibrary()
  return Engine.open(directory, options)
}

/** The same, with nothing in it. */
export async function openNewEngine(config: EngineConfig): Promise<Engine> {
  rmSync(config.directory, { recursive: true, force: true })
  mkdirSync(config.directory, { recursive: true })
  return openEngine(config)
}
