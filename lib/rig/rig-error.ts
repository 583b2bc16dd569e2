/** What stops the rig: a sentence for the one who runs it, and what the command exits with. */
export class RigError extends Error {
  override readonly name = 'RigError'
  readonly exitCode: number

  constructor(message: string, exitCode: number = exitCodes.inconclusive, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.exitCode = exitCode
  }
}

/** What every `seawall rig` command exits with. */
export const exitCodes = { clean: 0, engine: 1, device: 2, inconclusive: 3 } as const
