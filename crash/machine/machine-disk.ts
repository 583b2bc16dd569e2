/** How the disk under test is put into the machine. */
export interface DiskOptions {
  /** virtio-blk shows every flush; QEMU's NVMe drops FUA, but its driver is the one to fail. */
  readonly kind: 'virtio' | 'nvme'
  readonly sectorBytes: 512 | 4096
  readonly image: string
  /** Where writes and flushes go in the order of their completion; undefined: nowhere. */
  readonly record: string | undefined
  readonly fault: DiskFault | undefined
}

export interface DiskFault {
  readonly operation: 'write' | 'flush'
  /** It begins with this operation of its kind, from 1 on. */
  readonly from: number
  readonly lasting: 'once' | 'sticky'
}

const eio = 5

/** The blkdebug rules that count operations up to the first that fails. */
function faultRules({ operation, from, lasting }: DiskFault): Record<string, unknown> {
  const event = operation === 'write' ? 'pwritev' : 'flush_to_disk'
  const states = Array.from({ length: from - 1 }, (_, i) => ({
    event,
    state: i + 1,
    new_state: i + 2,
  }))
  const once = lasting === 'once'
  const error = { event, state: from, iotype: operation, errno: eio, once }
  return { 'set-state': states, 'inject-error': [error] }
}

/** Arguments of QEMU that add the disk. */
export function diskArguments(disk: DiskOptions): string[] {
  const nodes: Record<string, unknown>[] = [
    { driver: 'file', filename: disk.image, 'node-name': 'image' },
  ]
  let top = 'image'
  if (disk.fault !== undefined) {
    const rules = faultRules(disk.fault)
    nodes.push({ driver: 'blkdebug', 'node-name': 'fault', image: top, ...rules })
    // It is the node above that tells of flushes.
    nodes.push({ driver: 'raw', 'node-name': 'raw', file: 'fault' })
    top = 'raw'
  }
  if (disk.record !== undefined) {
    nodes.push({ driver: 'file', filename: disk.record, 'node-name': 'record-file' })
    nodes.push({
      driver: 'blklogwrites',
      'node-name': 'record',
      file: top,
      log: 'record-file',
      'log-sector-size': disk.sectorBytes,
      'log-super-update-interval': 1,
    })
    top = 'record'
  }
  const sizes = `logical_block_size=${disk.sectorBytes},physical_block_size=${disk.sectorBytes}`
  const device =
    disk.kind === 'nvme'
      ? `nvme,drive=${top},serial=seawall,${sizes}`
      : `virtio-blk-pci,drive=${top},${sizes}`
  const blockdevs = nodes.flatMap((node) => ['-blockdev', JSON.stringify(node)])
  const trace = disk.kind === 'nvme' ? ['-trace', 'enable=pci_nvme_err_aio'] : []
  return [...blockdevs, '-device', device, ...trace]
}

/** What QEMU or the kernel of the machine says when the fault was met. */
export const faultPattern = /pci_nvme_err_aio|I\/O error, dev vdb/

/** Its name below /dev; the disk with node on it is vda. */
export function deviceName({ kind }: DiskOptions): string {
  return kind === 'nvme' ? 'nvme0n1' : 'vdb'
}
