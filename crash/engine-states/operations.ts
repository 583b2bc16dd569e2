// Which operations a small workload may go on with. Two workloads that differ only in the names of
// transactions, pages or cells are one: a new one is always the next in order.

export interface WorkloadBounds {
  readonly transactions: number
  readonly operationsPerTransaction: number
  readonly pages: number
  readonly cellsPerPage: number
  readonly checkpoints: number
  /** Nested top actions. Default: none. */
  readonly nestedActions?: number
}

export type Operation =
  | Write
  | { readonly what: OfTransaction; readonly transaction: number }
  | { readonly what: 'read' | 'checkpoint' | 'urgentCheckpoint' | 'idle' }

export interface Write {
  readonly what: 'write'
  readonly transaction: number
  readonly page: number
  readonly cell: number
  /** For the first write of a transaction: its commit does not wait. */
  readonly isAsync: boolean
}

export type OfTransaction =
  'savepoint' | 'rollbackTo' | 'allocate' | 'free' | 'nestedAction' | 'commit' | 'rollback'

export interface TransactionShape {
  isActive: boolean
  operations: number
  /** Writes since it began, and since its savepoint if it has one. */
  writes: number
  writesSinceSavepoint: number | undefined
  hasAllocated: boolean
  hasFreed: boolean
}

/** What decides which operations are possible. */
export interface WorkloadShape {
  readonly transactions: TransactionShape[]
  /** Cells used of each page, as far as pages are used. */
  readonly usedCells: number[]
  /** By name of a cell: the transaction that has it locked. */
  readonly lockedBy: Map<string, number>
  checkpoints: number
  nestedActions: number
  /** Something was logged since the last checkpoint. */
  hasNews: boolean
  hasUnpromised: boolean
}

export function cellName(page: number, cell: number): string {
  return `${page}.${cell}`
}

export function newShape(): WorkloadShape {
  return {
    transactions: [],
    usedCells: [],
    lockedBy: new Map(),
    checkpoints: 0,
    nestedActions: 0,
    hasNews: false,
    hasUnpromised: false,
  }
}

export function possibleOperations(shape: WorkloadShape, bounds: WorkloadBounds): Operation[] {
  const operations: Operation[] = []
  for (const [transaction, tx] of shape.transactions.entries()) {
    if (tx.isActive) operations.push(...operationsOf(shape, bounds, transaction, tx))
  }
  if (shape.transactions.length < bounds.transactions) {
    operations.push(...writesOf(shape, bounds, shape.transactions.length))
  }
  const isQuiet = shape.transactions.every((tx) => !tx.isActive)
  if (isQuiet && shape.hasUnpromised) operations.push({ what: 'read' })
  if (shape.hasNews && shape.checkpoints < bounds.checkpoints) {
    operations.push({ what: 'checkpoint' }, { what: 'urgentCheckpoint' })
  }
  if (shape.hasNews) operations.push({ what: 'idle' })
  return operations
}

function operationsOf(
  shape: WorkloadShape,
  bounds: WorkloadBounds,
  transaction: number,
  tx: TransactionShape,
): Operation[] {
  const operations: Operation[] = [
    { what: 'commit', transaction },
    { what: 'rollback', transaction },
  ]
  if (tx.operations >= bounds.operationsPerTransaction) return operations
  operations.push(...writesOf(shape, bounds, transaction))
  if (tx.writesSinceSavepoint === undefined) operations.push({ what: 'savepoint', transaction })
  else if (tx.writesSinceSavepoint > 0) operations.push({ what: 'rollbackTo', transaction })
  // There is one page to spare, and more than one new one shows nothing new.
  if (!shape.transactions.some((any) => any.hasAllocated))
    operations.push({ what: 'allocate', transaction })
  if (!shape.transactions.some((any) => any.hasFreed))
    operations.push({ what: 'free', transaction })
  if (shape.nestedActions < (bounds.nestedActions ?? 0))
    operations.push({ what: 'nestedAction', transaction })
  return operations
}

function writesOf(shape: WorkloadShape, bounds: WorkloadBounds, transaction: number): Operation[] {
  const operations: Operation[] = []
  const isNew = transaction === shape.transactions.length
  const pages = Math.min(shape.usedCells.length + 1, bounds.pages)
  for (let page = 0; page < pages; page++) {
    const cells = Math.min((shape.usedCells[page] ?? 0) + 1, bounds.cellsPerPage)
    for (let cell = 0; cell < cells; cell++) {
      const holder = shape.lockedBy.get(cellName(page, cell))
      if (holder !== undefined && holder !== transaction) continue
      operations.push({ what: 'write', transaction, page, cell, isAsync: false })
      if (isNew) operations.push({ what: 'write', transaction, page, cell, isAsync: true })
    }
  }
  return operations
}

/** Notes that `operation` was begun. */
export function apply(shape: WorkloadShape, operation: Operation): void {
  switch (operation.what) {
    case 'checkpoint':
    case 'urgentCheckpoint':
      shape.checkpoints += 1
      shape.hasNews = false
      return
    case 'idle':
    case 'read':
      return
    case 'write':
      return applyWrite(shape, operation)
    case 'savepoint':
    case 'rollbackTo':
    case 'allocate':
    case 'free':
    case 'nestedAction':
    case 'rollback':
    case 'commit':
      return applyToTransaction(shape, operation.what, operation.transaction)
  }
}

function applyWrite(shape: WorkloadShape, { transaction, page, cell }: Write): void {
  if (transaction === shape.transactions.length) {
    shape.transactions.push({
      isActive: true,
      operations: 0,
      writes: 0,
      writesSinceSavepoint: undefined,
      hasAllocated: false,
      hasFreed: false,
    })
  }
  const tx = shape.transactions[transaction] as TransactionShape
  tx.operations += 1
  tx.writes += 1
  if (tx.writesSinceSavepoint !== undefined) tx.writesSinceSavepoint += 1
  shape.usedCells[page] = Math.max(shape.usedCells[page] ?? 0, cell + 1)
  shape.lockedBy.set(cellName(page, cell), transaction)
  shape.hasNews = true
}

function applyToTransaction(shape: WorkloadShape, what: OfTransaction, transaction: number): void {
  const tx = shape.transactions[transaction] as TransactionShape
  tx.operations += 1
  shape.hasNews = true
  switch (what) {
    case 'savepoint':
      tx.writesSinceSavepoint = 0
      return
    case 'rollbackTo':
      tx.writesSinceSavepoint = undefined
      return
    case 'allocate':
      tx.hasAllocated = true
      return
    case 'free':
      tx.hasFreed = true
      return
    case 'nestedAction':
      shape.nestedActions += 1
      return
    case 'commit':
    case 'rollback':
      break
  }
  tx.isActive = false
  for (const [cell, holder] of shape.lockedBy) {
    if (holder === transaction) shape.lockedBy.delete(cell)
  }
}
