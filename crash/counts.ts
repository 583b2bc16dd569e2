import type { Counts } from './layer.ts'

// What a layer goes through, by the name under which it counts it.
const unitNames = ['states', 'images', 'kills', 'crashes', 'runs'] as const

export interface Units {
  readonly name: string
  readonly count: number
}

/** What is counted per minute: the first of states, images, kills, crashes, runs that there is. */
export function unitsOf(counts: Counts): Units {
  const name = unitNames.find((candidate) => counts[candidate] !== undefined) ?? unitNames[0]
  return { name, count: counts[name] ?? 0 }
}

export function perCpuMinute({ count }: Units, cpuSeconds: number): number {
  return cpuSeconds > 0 ? (60 * count) / cpuSeconds : 0
}

/** 1234567 -> 1.23 M */
export function showCount(count: number): string {
  if (count >= 1e9) return `${(count / 1e9).toFixed(2)} G`
  if (count >= 1e6) return `${(count / 1e6).toFixed(2)} M`
  if (count >= 1e4) return `${(count / 1e3).toFixed(1)} k`
  return String(Math.round(count))
}
