import { SimulatedMachine } from './lab/simulated-machine.ts'

/** For lib/lab, which looks for it next to the package: LabDevice there says what it is. */
export function createMachine(seed: number): SimulatedMachine {
  return new SimulatedMachine(seed)
}
