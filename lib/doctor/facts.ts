// What was found out, before anyone judges it. Undefined and '' mean: could not be found out.

/** A limit of this process. */
export type Limit = number | 'unlimited' | undefined

export interface MachineFacts {
  /** As `uname -r` prints it. */
  readonly kernel: string
  readonly node: string
  readonly processors: number
  /** Whether a hypervisor is above it. */
  readonly isVirtual: boolean | undefined
  /** Vendor and product of the (virtual) machine. */
  readonly product: string
  /** Why this looks like a container; '' when it does not. */
  readonly container: string
  /** Text of transparent_hugepage/enabled. */
  readonly hugePages: string
}

export interface IoUringFacts {
  /** Text of kernel.io_uring_disabled. */
  readonly disabled: string
  /** `Seccomp:` in /proc/self/status: 0 none, 1 strict, 2 filter. */
  readonly seccomp: string
}

/** The native addon, or why it cannot be loaded. */
export type AddonFacts = { readonly hasIoUring: boolean } | { readonly error: string }

/** What a log in the scratch directory says of itself. */
export interface LogTrial {
  readonly backend: string
  readonly backendReason: string
  readonly directIO: boolean
  readonly ioAlignmentBytes: number
}

export interface LimitFacts {
  readonly lockedMemoryBytes: Limit
  readonly fileBytes: Limit
  readonly openFiles: Limit
}

export interface MountFacts {
  /** `8:1`; `0:40` where no block device is known to the kernel's list. */
  readonly number: string
  readonly point: string
  readonly fileSystem: string
  readonly source: string
  /** Those of the mount and those of the file system. */
  readonly options: readonly string[]
}

/** What only some file systems can tell. */
export interface FileSystemFacts {
  /** ext4: false when it runs without a journal. */
  readonly hasJournal: boolean | undefined
  /** ext4: errors that it has recorded in its superblock. */
  readonly errors: number | undefined
  /** ZFS: the property `sync` of the data set. */
  readonly zfsSync: string
}

export interface SpaceFacts {
  readonly freeBytes: number
  readonly totalBytes: number
  /** 0 of 0 where the file system makes them as needed. */
  readonly freeFiles: number
  readonly totalFiles: number
}

export type LayerKind =
  'disk' | 'partition' | 'mapped' | 'raid' | 'loop' | 'cached' | 'memory' | 'network'

/** A block device between the file system and the drive, or the drive. */
export interface BlockLayer {
  readonly name: string
  readonly number: string
  readonly kind: LayerKind
  readonly model: string
  readonly serial: string
  /** The kernel's view: `write back` or `write through`. */
  readonly writeCache: string
  /** The device's own view; '' when it cannot be asked. */
  readonly deviceCache: '' | 'volatile' | 'none'
  /** Who said so. */
  readonly deviceCacheSource: string
  readonly fua: boolean | undefined
  readonly logicalBlockBytes: number | undefined
  readonly physicalBlockBytes: number | undefined
  readonly atomicMinBytes: number | undefined
  readonly atomicMaxBytes: number | undefined
  readonly atomicBoundaryBytes: number | undefined
  readonly isRotational: boolean | undefined
  readonly isRemovable: boolean
  /** The one in use. */
  readonly scheduler: string
  /** A partition's first byte on its disk. */
  readonly startBytes: number | undefined
  /** A RAID's level and consistency policy, a loop's file, the cache mode of bcache. */
  readonly detail: string
  /** Names of the layers that it stands on. */
  readonly below: readonly string[]
}

/** A limit that the control group puts on writing to one device. */
export interface WriteLimit {
  readonly number: string
  readonly writesPerSecond: number | undefined
  readonly bytesPerSecond: number | undefined
  readonly file: string
}

export interface ControlGroupFacts {
  readonly writeLimits: readonly WriteLimit[]
  /** Processors that the quota allows; undefined: no quota is known. */
  readonly processors: number | undefined
}

export interface DirectoryFacts {
  readonly path: string
  readonly isReadable: boolean
  /** Names of scratch directories that earlier runs had to leave. */
  readonly leftovers: readonly string[]
  readonly log: ExistingLog | undefined
}

/** A Seawall log that lies in the directory already. */
export interface ExistingLog {
  readonly isStore: boolean
  readonly segments: number
  /** 0 when it has none. */
  readonly segmentBytes: number
  readonly isInUse: boolean
}

/** One line of the table. */
export interface Measurement {
  readonly id: string
  readonly method: string
  readonly writeBytes: number
  readonly operations: number
  readonly operationsPerSecond: number
  readonly p50Us: number
  readonly p99Us: number
  readonly maxUs: number
  /** Why there are no numbers; '' when there are. */
  readonly skipped: string
}

export interface MeasuredFacts {
  /** Why nothing was measured; '' when something was. */
  readonly notMeasured: string
  /** Whether that is because writing was tried and refused. */
  readonly isRefused: boolean
  readonly trial: LogTrial | undefined
  readonly rows: readonly Measurement[]
}

export interface Facts {
  readonly directory: DirectoryFacts
  readonly machine: MachineFacts
  readonly ioUring: IoUringFacts
  readonly addon: AddonFacts
  readonly limits: LimitFacts
  readonly mount: MountFacts | undefined
  readonly fileSystem: FileSystemFacts
  readonly space: SpaceFacts
  /** From the file system down; empty where there is no block device. */
  readonly layers: readonly BlockLayer[]
  readonly controlGroup: ControlGroupFacts
  readonly measured: MeasuredFacts
}
