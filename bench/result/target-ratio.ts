import type { Target } from './row.ts'

/** The ratio that a target asks for; undefined when it is about something else. */
export function targetRatio({ text }: Target): number | undefined {
  const found = /^[<>]= ([\d.]+) x(?: |$)/.exec(text)
  return found === null ? undefined : Number(found[1])
}
