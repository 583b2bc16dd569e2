import type { LSN } from '../../format/lsn.ts'

/**
 * - `damage`: something is lost, or an open refuses or will refuse it;
 * - `warning`: nothing is lost, but what protects it is not as it should be;
 * - `note`: as it may be after a crash; the next open deals with it.
 */
export type Severity = 'damage' | 'warning' | 'note'

/** The layers of a verification. */
export type CheckName =
  'files' | 'master record' | 'log' | 'engine records' | 'pages' | 'allocation maps'

interface FindingKind {
  /** Which layer finds it. */
  readonly check: CheckName
  readonly severity: Severity
  /** What to do. */
  readonly remedy: string
}

const restoreAll = 'restore the whole directory from a copy; nothing here can make it up'
const restoreOrSalvage =
  'restore from a copy, or save what can be read before and behind it with `seawall dump --from`'
const restorePage = 'restore the store from a copy; its other pages stay readable'
const report = 'keep a copy of the directory and report it: no crash leaves this behind'

/** Everything that a verification can find, by code: how bad it is, and what to do. */
export const findingKinds = {
  'file-irregular': {
    check: 'files',
    severity: 'damage',
    remedy:
      'put the file itself in its place, or move what ends in .tmp away; an open follows no links',
  },
  'master-damaged': { check: 'master record', severity: 'damage', remedy: restoreAll },
  'master-contradiction': { check: 'master record', severity: 'damage', remedy: restoreAll },
  'master-slot-damaged': {
    check: 'master record',
    severity: 'warning',
    remedy: 'nothing is lost while the other slot is whole; the next open writes both again',
  },
  'segment-missing': { check: 'files', severity: 'damage', remedy: restoreOrSalvage },
  'segment-damaged': { check: 'files', severity: 'damage', remedy: restoreOrSalvage },
  'log-end-damaged': { check: 'log', severity: 'damage', remedy: restoreOrSalvage },
  'log-gap': { check: 'log', severity: 'damage', remedy: restoreOrSalvage },
  'record-damaged': { check: 'log', severity: 'damage', remedy: restoreOrSalvage },
  'record-order': { check: 'log', severity: 'damage', remedy: report },
  'promise-broken': { check: 'log', severity: 'damage', remedy: report },
  'record-undecodable': { check: 'engine records', severity: 'damage', remedy: report },
  'operation-unknown': { check: 'engine records', severity: 'damage', remedy: report },
  'chain-broken': { check: 'engine records', severity: 'damage', remedy: report },
  'checkpoint-missing': { check: 'engine records', severity: 'damage', remedy: restoreAll },
  'checkpoint-contradiction': { check: 'engine records', severity: 'damage', remedy: report },
  'data-file-damaged': { check: 'pages', severity: 'damage', remedy: restoreAll },
  'page-beyond-file': { check: 'pages', severity: 'damage', remedy: restoreAll },
  'page-damaged': { check: 'pages', severity: 'damage', remedy: restorePage },
  'page-ahead-of-log': {
    check: 'pages',
    severity: 'damage',
    remedy: 'restore the log and the data file from the same moment; do not go on with this store',
  },
  'page-behind-log': { check: 'pages', severity: 'damage', remedy: restorePage },
  'page-given-up': { check: 'pages', severity: 'damage', remedy: restorePage },
  'allocation-contradiction': { check: 'allocation maps', severity: 'damage', remedy: report },
  'page-repairable': {
    check: 'pages',
    severity: 'note',
    remedy: 'open the store: the restart makes it whole',
  },
  'torn-tail': {
    check: 'log',
    severity: 'note',
    remedy: 'open it, which cuts that off, or `seawall verify --repair` to keep a copy first',
  },
  'leftover-file': {
    check: 'files',
    severity: 'note',
    remedy: 'nothing: the next open for writing removes it',
  },
  'foreign-file': {
    check: 'files',
    severity: 'note',
    remedy: 'nothing; move it away if it does not belong here',
  },
} as const satisfies Record<string, FindingKind>

export type FindingCode = keyof typeof findingKinds

/** Where it is. */
export interface FindingPlace {
  readonly lsn?: LSN
  readonly page?: number
  readonly path?: string
}

export interface Finding extends FindingPlace {
  readonly sentence: string
}

/** How often something was found, and the first of them. */
export interface FindingGroup extends FindingKind {
  readonly code: FindingCode
  readonly count: number
  /** The first thousand. */
  readonly findings: readonly Finding[]
}

const keptPerCode = 1000

interface Kept {
  findings: Finding[]
  /** Those that were too many to keep. */
  more: number
  /** The furthest of them in the log; infinite when one has no place there. */
  moreMaxLSN: number
}

/** What was found so far: the first thousand of each kind, and the count of the rest. */
export class Findings {
  readonly #kept = new Map<FindingCode, Kept>()

  add(code: FindingCode, sentence: string, place: FindingPlace = {}): void {
    const kept = this.#keptOf(code)
    if (kept.findings.length < keptPerCode) {
      kept.findings.push({ sentence, ...place })
    } else {
      kept.more += 1
      kept.moreMaxLSN = Math.max(kept.moreMaxLSN, place.lsn ?? Infinity)
    }
  }

  /** As many more, of which nothing else is known. */
  addMore(code: FindingCode, count: number): void {
    const kept = this.#keptOf(code)
    kept.more += count
    kept.moreMaxLSN = Infinity
  }

  /**
   * Takes back what was found in the log below `lsn`: it was let go meanwhile, and its files are
   * used for something else.
   */
  withdrawBefore(lsn: LSN): void {
    for (const [code, kept] of this.#kept) {
      kept.findings = kept.findings.filter((finding) => !((finding.lsn ?? Infinity) < lsn))
      if (kept.moreMaxLSN < lsn) kept.more = 0
      if (kept.findings.length + kept.more === 0) this.#kept.delete(code)
    }
  }

  /** Takes over what `other` holds. REQUIRES: they have no code in common. */
  addAll(other: Findings): void {
    for (const [code, kept] of other.#kept) this.#kept.set(code, kept)
  }

  count(severity: Severity): number {
    return this.groups()
      .filter((group) => group.severity === severity)
      .reduce((sum, { count }) => sum + count, 0)
  }

  /** The worst first. */
  groups(): FindingGroup[] {
    const codes = Object.keys(findingKinds) as FindingCode[]
    const groups = codes.flatMap((code): FindingGroup[] => {
      const kept = this.#kept.get(code)
      if (kept === undefined) return []
      const { findings, more } = kept
      return [{ ...findingKinds[code], code, count: findings.length + more, findings }]
    })
    return groups.sort((a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity))
  }

  #keptOf(code: FindingCode): Kept {
    let kept = this.#kept.get(code)
    if (kept === undefined) {
      kept = { findings: [], more: 0, moreMaxLSN: 0 }
      this.#kept.set(code, kept)
    }
    return kept
  }
}

const severities: readonly Severity[] = ['damage', 'warning', 'note']
