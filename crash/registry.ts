import type { Layer } from './layer.ts'

/** Where a layer is. */
export interface LayerSource {
  readonly name: string
  /** URL of a module that exports `layer`. */
  readonly module: string
  /** Run only when it is asked for. */
  readonly onRequest: boolean
}

const at = (path: string): string => new URL(path, import.meta.url).href

export const layerSources: readonly LayerSource[] = [
  { name: 'L1-log', module: at('log-states/layer.ts'), onRequest: false },
  { name: 'L1-engine', module: at('engine-states/l1-layer.ts'), onRequest: false },
  { name: 'L2', module: at('engine-states/l2-layer.ts'), onRequest: false },
  { name: 'L3', module: at('engine-states/l3-layer.ts'), onRequest: false },
  { name: 'L4', module: at('process/layer.ts'), onRequest: false },
  { name: 'L5', module: at('block-device/layer.ts'), onRequest: false },
  { name: 'L6', module: at('machine/layer.ts'), onRequest: true },
]

export function sourceNamed(sources: readonly LayerSource[], name: string): LayerSource {
  const found = sources.find((source) => source.name === name)
  if (found !== undefined) return found
  throw new Error(`there is no layer ${name}; there are ${sources.map((s) => s.name).join(', ')}`)
}

export async function loadLayer(module: string): Promise<Layer> {
  const { layer } = (await import(module)) as { layer?: Layer }
  if (layer === undefined) throw new Error(`${module} exports no layer`)
  return layer
}
