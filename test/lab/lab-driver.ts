import { createLab, type Lab, type LabOptions } from '../../lib/lab/lab.ts'
import type { LabRequest, LabSettings, LabState } from '../../lib/lab/lab-types.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

/** Presses what a user presses. */
export class LabDriver {
  readonly lab: Lab
  state!: LabState

  constructor(options: Partial<LabOptions> = {}) {
    this.lab = createLab({ scratchRoot: temporaryDirectory(), ...options })
  }

  async ask(request: LabRequest): Promise<LabState> {
    this.state = (await this.lab.handle(request)) as LabState
    return this.state
  }

  async restart(seed: number, settings: Partial<LabSettings>): Promise<void> {
    await this.ask({ do: 'configure', settings: { isLying: false, ...settings } })
    await this.ask({ do: 'restart', seed })
  }

  async step(times: number): Promise<void> {
    for (let i = 0; i < times; i++) await this.ask({ do: 'step' })
  }

  /** Power on, and every step of recovery. */
  async recover(): Promise<LabState> {
    await this.ask({ do: 'recover' })
    while (this.state.phase === 'recovering') await this.ask({ do: 'step' })
    return this.state
  }

  close(): Promise<void> {
    return this.lab.close()
  }
}
