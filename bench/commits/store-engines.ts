import { StoreProcess } from './store-process.ts'
import type { Cell, CommitEngine } from './engine.ts'
import type { PeerName } from '../install/peer-packages.ts'

const storeBytesMax = 2 ** 30

export interface EngineSetup {
  directoryFor(name: string): string
  readonly emptyWritesPerFlush: number
}

type Definition = Pick<CommitEngine, 'name' | 'role' | 'durable'> & { readonly store: string }

const seawall: Definition = {
  name: 'Seawall',
  role: 'own',
  store: 'seawall',
  durable:
    'commit() resolves when the record is on the drive: written with O_DIRECT, by a write ' +
    'that is durable itself (RWF_DSYNC) or one that fdatasync follows; commits that wait ' +
    'at the same time share writes and syncs; segments are used again.',
}

const peers: Readonly<Record<PeerName | 'plain-fs', Definition>> = {
  lmdb: {
    name: 'lmdb',
    role: 'peer',
    store: 'lmdb',
    durable:
      'put, then flushed: the transaction is committed and the file synced; puts that wait ' +
      'at the same time share a transaction.',
  },
  'better-sqlite3': {
    name: 'better-sqlite3',
    role: 'peer',
    store: 'better-sqlite3',
    durable:
      'A transaction for each insert, WAL, synchronous = FULL: the WAL is synced at every ' +
      'commit, which blocks the thread, so that nobody can share it.',
  },
  'classic-level': {
    name: 'classic-level',
    role: 'peer',
    store: 'classic-level',
    durable:
      'put with sync: true: LevelDB syncs its log before the put resolves; at most four ' +
      'puts (the threads of libuv) share a sync; no compression.',
  },
  'plain-fs': {
    name: 'plain fs',
    role: 'peer',
    store: 'plain-fs',
    durable:
      'What one writes by hand without group commit: fs.promises, a write at the end of one ' +
      'file and an fdatasync for each commit.',
  },
}

function engineOf(definition: Definition, setup: EngineSetup, atOnce: boolean): CommitEngine {
  const { store } = definition
  return {
    ...definition,
    // Where commits block the thread, more committers are the same as one.
    cellFor: (cell: Cell) => (atOnce ? cell : { ...cell, committers: 1 }),
    open: (bodyBytes) =>
      StoreProcess.open({
        store,
        directory: setup.directoryFor(`commits-${store}`),
        bodyBytes,
        emptyWritesPerFlush: setup.emptyWritesPerFlush,
        storeBytesMax,
      }),
  }
}

/** Each in a Node process of its own, which stays open while records of one size are measured. */
export function seawallEngine(setup: EngineSetup): CommitEngine {
  return engineOf(seawall, setup, true)
}

export function peerEngines(setup: EngineSetup, available: readonly PeerName[]): CommitEngine[] {
  return ([...available, 'plain-fs'] as const).map((name) =>
    engineOf(peers[name], setup, name !== 'better-sqlite3'),
  )
}
