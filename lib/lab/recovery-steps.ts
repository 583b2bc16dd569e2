import type { RecoveryReport } from '../index.ts'
import type { RecoveryStep } from './lab-types.ts'

const grouped = (lsn: number): string => lsn.toLocaleString('en-US')

const creationSteps: RecoveryStep[] = [
  {
    title: 'Lock the directory and look for the master record',
    text: 'There is none, or none that was ever used: as far as anyone can know, there was no log.',
    isWhereFound: true,
  },
  { title: 'Create a new log', text: 'Its first record is durable before anyone may append.' },
]

/** How `Log.open` came to its decision, in the order in which it does things. */
export function recoverySteps(report: RecoveryReport): RecoveryStep[] {
  const { scannedFrom, scannedRecords, keptFrom, keptTo, promisedTo, cutBytes, reason } = report
  if (report.decision === 'created') return creationSteps
  const isTorn = report.decision === 'torn-tail'
  return [
    {
      title: 'Lock the directory and read the master record',
      text:
        'Two copies with checksums; the newer valid one counts. It promises that ' +
        `everything below LSN ${grouped(scannedFrom)} is durable.`,
    },
    {
      title: 'Sync what is there',
      text: 'What was read might still be in a cache. Nothing is believed before it is durable.',
    },
    {
      title: `Scan from LSN ${grouped(scannedFrom)}`,
      text:
        `${scannedRecords} ${scannedRecords === 1 ? 'record is' : 'records are'} ` +
        'valid: length, log identity, incarnation and both checksums fit.',
      isWhereFound: true,
    },
    {
      title: `Stop at LSN ${grouped(keptTo)}`,
      text: `What stands there is no record of this log: ${reason}.`,
    },
    {
      title: 'Look ahead for a broken promise',
      text:
        `The furthest promise found is LSN ${grouped(promisedTo)}, not beyond ` +
        'the stop: no durable byte is missing as far as the log can know.',
    },
    {
      title: isTorn ? `Cut off ${grouped(cutBytes)} bytes` : 'Nothing to cut off',
      text: isTorn
        ? 'The tail is torn: it was being written when the power went, and nobody was told that it was durable.'
        : `The log ends clean: kept are LSN ${grouped(keptFrom)} to ${grouped(keptTo)}.`,
    },
    {
      title: `Begin incarnation ${report.incarnation}`,
      text:
        'Its first record is durable before anyone may append, so nothing stale ' +
        'behind the end can ever be taken for the log.',
    },
  ]
}

/** The same when the log was refused. */
export function refusalSteps(message: string): RecoveryStep[] {
  return [
    {
      title: 'Lock the directory, read the master record, sync, scan',
      text: 'As with any other start.',
    },
    {
      title: 'Refuse to open',
      text:
        `${message}. Bytes that were promised to be durable are not there; to ` +
        'cut the log off here would hide that.',
    },
  ]
}
