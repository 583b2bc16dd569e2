import { existsSync } from 'node:fs'
import { availableParallelism, release } from 'node:os'
import { join } from 'node:path'

import type { IoUringFacts, Limit, LimitFacts, MachineFacts } from '../facts.ts'
import { type System, textOf } from './system.ts'

export function machineFacts(system: System): MachineFacts {
  const dmi = (name: string): string => textOf(join(system.sys, 'class/dmi/id', name))
  const product = [dmi('sys_vendor'), dmi('product_name')].filter(Boolean).join(' ')
  return {
    kernel: textOf(join(system.proc, 'sys/kernel/osrelease')) || release(),
    node: process.version,
    processors: availableParallelism(),
    isVirtual: isVirtual(product, system),
    product,
    container: containerHint(system),
    hugePages: textOf(join(system.sys, 'kernel/mm/transparent_hugepage/enabled')),
  }
}

const virtualProducts =
  /kvm|qemu|vmware|virtualbox|virtual machine|xen|hvm|bochs|parallels|openstack|compute engine|amazon ec2/i

// x86 processors say it; elsewhere only the names of the machine can tell.
function isVirtual(product: string, system: System): boolean | undefined {
  if (/\bmetal\b/.test(product)) return false
  const processor = textOf(join(system.proc, 'cpuinfo'))
  if (/^flags.*\bhypervisor\b/m.test(processor)) return true
  if (virtualProducts.test(product) || textOf(join(system.sys, 'hypervisor/type')) !== '')
    return true
  return /^flags/m.test(processor) || product !== '' ? false : undefined
}

function containerHint(system: System): string {
  for (const path of ['/.dockerenv', '/run/.containerenv']) {
    if (existsSync(system.root + path)) return `${path} exists`
  }
  const group = textOf(join(system.proc, 'self/cgroup'))
  const word = /docker|kubepods|containerd|lxc|podman/.exec(group)?.[0]
  return word === undefined ? '' : `its control group is one of ${word}`
}

export function ioUringFacts(system: System): IoUringFacts {
  const status = textOf(join(system.proc, 'self/status'))
  return {
    disabled: textOf(join(system.proc, 'sys/kernel/io_uring_disabled')),
    seccomp: /^Seccomp:\s*(\d+)$/m.exec(status)?.[1] ?? '',
  }
}

/** The soft limits of this process. */
export function limitFacts(system: System): LimitFacts {
  const text = textOf(join(system.proc, 'self/limits'))
  const limit = (name: string): Limit => {
    const soft = new RegExp(`^${name}\\s+(\\S+)`, 'm').exec(text)?.[1]
    if (soft === undefined) return undefined
    return soft === 'unlimited' ? soft : Number(soft)
  }
  return {
    lockedMemoryBytes: limit('Max locked memory'),
    fileBytes: limit('Max file size'),
    openFiles: limit('Max open files'),
  }
}
