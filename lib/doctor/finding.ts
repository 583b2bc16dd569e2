/**
 * `good`: as it should be. `note`: worth knowing, nothing needs to change. `warning`: should be
 * changed or looked into. `problem`: commits are not safe, or do not work, until it is changed.
 */
export type Level = 'good' | 'note' | 'warning' | 'problem'

/** What a check has to say. */
export interface Finding {
  /** Stable; for programs. */
  readonly id: string
  readonly level: Level
  readonly sentence: string
  readonly advice?: string
}

/** From the least to the gravest. */
export const levels: readonly Level[] = ['good', 'note', 'warning', 'problem']

export function good(id: string, sentence: string): Finding {
  return { id, level: 'good', sentence }
}

export function note(id: string, sentence: string, advice?: string): Finding {
  return { id, level: 'note', sentence, ...(advice === undefined ? {} : { advice }) }
}

export function warning(id: string, sentence: string, advice: string): Finding {
  return { id, level: 'warning', sentence, advice }
}

export function problem(id: string, sentence: string, advice: string): Finding {
  return { id, level: 'problem', sentence, advice }
}

/** The gravest level; `good` of nothing. */
export function gravest(findings: readonly Finding[]): Level {
  return levels.findLast((level) => findings.some((finding) => finding.level === level)) ?? 'good'
}
