import { dirname, join } from 'node:path'

import type { ControlGroupFacts, WriteLimit } from '../facts.ts'
import { type System, textOf } from './system.ts'

/** The limits of the control group that this process is in, and of those above it. */
export function controlGroupFacts(system: System): ControlGroupFacts {
  const groups = textOf(join(system.proc, 'self/cgroup')).split('\n')
  const unified = groups.find((line) => line.startsWith('0::'))?.slice(3) ?? '/'
  const blkio = groups.find((line) => /^\d+:([^:]*,)?blkio[,:]/.test(line))?.split(':')[2] ?? '/'
  const mounted = join(system.sys, 'fs/cgroup')
  const directories = [mounted, join(mounted, 'unified')].flatMap((base) => upFrom(base, unified))
  const old = upFrom(join(mounted, 'blkio'), blkio)
  const quotas = directories.flatMap((directory) => quotaOf(textOf(join(directory, 'cpu.max'))))
  return {
    writeLimits: [
      ...directories.flatMap((directory) => newLimits(join(directory, 'io.max'))),
      ...old.flatMap((directory) => oldLimits(directory)),
    ],
    processors: quotas.length === 0 ? undefined : Math.min(...quotas),
  }
}

function upFrom(base: string, group: string): string[] {
  const found: string[] = []
  for (let at = join('/', group); ; at = dirname(at)) {
    found.push(join(base, at))
    if (at === '/') return found
  }
}

// `8:16 rbps=max wbps=1048576 riops=max wiops=120`
function newLimits(file: string): WriteLimit[] {
  return textOf(file)
    .split('\n')
    .flatMap((line) => {
      const number = /^\d+:\d+/.exec(line)?.[0]
      const value = (name: string): number | undefined => {
        const text = new RegExp(`\\b${name}=(\\d+)`).exec(line)?.[1]
        return text === undefined ? undefined : Number(text)
      }
      const [writesPerSecond, bytesPerSecond] = [value('wiops'), value('wbps')]
      if (number === undefined) return []
      if (writesPerSecond === undefined && bytesPerSecond === undefined) return []
      return [{ number, writesPerSecond, bytesPerSecond, file }]
    })
}

function oldLimits(directory: string): WriteLimit[] {
  const read = (name: string, what: 'writesPerSecond' | 'bytesPerSecond'): WriteLimit[] => {
    const file = join(directory, name)
    return [...textOf(file).matchAll(/^(\d+:\d+) (\d+)$/gm)].map(([, number = '', value]) => ({
      number,
      writesPerSecond: undefined,
      bytesPerSecond: undefined,
      [what]: Number(value),
      file,
    }))
  }
  return [
    ...read('blkio.throttle.write_iops_device', 'writesPerSecond'),
    ...read('blkio.throttle.write_bps_device', 'bytesPerSecond'),
  ]
}

// `50000 100000`: microseconds of processor time in each period.
function quotaOf(text: string): number[] {
  const [, quota, period] = /^(\d+) (\d+)$/.exec(text) ?? []
  return quota === undefined ? [] : [Number(quota) / Number(period)]
}
