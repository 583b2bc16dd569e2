import type { Failure } from '../../../../crash/layer.ts'
import { madeFailure, madeLayer, madeResult } from './made.ts'

// Fails whenever some choice is 5 or more and there are operations.
function judge(failure: Failure): Failure | undefined {
  const operations = failure.parameters.operations as unknown[]
  const found = failure.choices.some((choice) => choice >= 5) && operations.length > 0
  return found ? { ...failure, message: `${failure.choices.length} choices` } : undefined
}

const met = madeFailure('failing', {
  parameters: { operations: ['write', 'flush', 'write'], sectorBytes: 512 },
  choices: [1, 0, 3, 9, 2, 0, 0, 7, 1],
})

export const layer = madeLayer('failing', {
  run: () => Promise.resolve(madeResult(10, [met, { ...met, seed: 2 }])),
  replay: (failure) => Promise.resolve(judge(failure)),
})
