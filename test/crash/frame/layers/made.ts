import type { Failure, Layer, LayerResult } from '../../../../crash/layer.ts'

/** A failure as a layer would report it. */
export function madeFailure(layer: string, changes: Partial<Failure> = {}): Failure {
  return {
    version: 1,
    layer,
    oracle: 'I1',
    message: 'a commit is gone',
    seed: 1,
    parameters: {},
    choices: [],
    ...changes,
  }
}

/** What a layer found, with `states` looked at. */
export function madeResult(states: number, violations: Failure[] = []): LayerResult {
  return {
    counts: { states, covered: 10 * states, pruned: 1 },
    faults: [{ fault: 'torn <sector>', survived: states, detected: 1, missed: 0 }],
    violations,
    notes: ['Made up.'],
    cpuSeconds: 0.5,
  }
}

/** A layer that finds nothing, and whose canary sings. */
export function madeLayer(name: string, changes: Partial<Layer> = {}): Layer {
  return {
    name,
    title: `made for the tests of the frame`,
    unavailable: () => Promise.resolve(undefined),
    run(context) {
      context.progress({ states: 50 })
      return Promise.resolve(madeResult(100))
    },
    canary: () => Promise.resolve(madeResult(3, [madeFailure(name, { oracle: 'I7' })])),
    replay: () => Promise.resolve(undefined),
    ...changes,
  }
}
