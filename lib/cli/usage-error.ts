/** What every command but `seawall rig` exits with. */
export const exitCode = {
  /** It did what was asked, and all is well. */
  good: 0,
  /** It did what was asked, and found damage or something to change. */
  finding: 1,
  /** It could not do what was asked. */
  failed: 2,
} as const

/** The command was called wrongly: a sentence that says what and what to do. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}
