import { type Culprit, culpritOf, exitCodeOf } from '../judge/attribution.ts'
import { countVerdicts, type Verdict } from '../judge/verdict.ts'
import type { Fingerprint, ProbeKind } from '../protocol/messages.ts'
import { histogramOf, lossBound95 } from './statistics.ts'
import type { Cycle, RunState } from './run-state.ts'

export interface ProbeSummary {
  readonly kind: ProbeKind
  readonly target: string
  readonly fingerprint: Fingerprint
  readonly ackedRecords: number
  readonly ackedBytes: number
  readonly losses: Partial<Record<Verdict, number>>
  readonly examples: readonly string[]
  readonly information: Readonly<Record<string, number>>
}

/** The whole run in one object: summary.json. */
export interface Summary {
  readonly tool: string
  readonly run: string
  readonly seed: number
  readonly machine: Fingerprint
  readonly cycles: number
  /** Proved power cuts whose outcome was looked at, with something acknowledged before. */
  readonly validCuts: number
  readonly cleanValidCuts: number
  /** Cycles that do not count, by what they were. */
  readonly invalid: Readonly<Record<string, number>>
  /** Cuts in the recovery from another one. */
  readonly cutsInRecovery: number
  readonly probes: readonly ProbeSummary[]
  readonly ackedRecords: number
  readonly ackedBytes: number
  readonly losses: number
  /** Lost records by time between acknowledgement and cut. */
  readonly histogramMsBeforeCut: Readonly<Record<string, number>>
  readonly culprit: Culprit
  /** Upper bound for the probability that a cut loses something; 1 where nothing is proved. */
  readonly lossBound95: number
  readonly exitCode: number
  readonly notProven: readonly string[]
}

const examplesMax = 8

/** The cycles whose outcome was looked at. */
function judged(state: RunState): Cycle[] {
  return state.cycles.filter(({ judgements }) => judgements !== undefined)
}

export function ackedRecordsOf({ judgements = [] }: Cycle): number {
  return judgements.reduce((sum, { ackedRecords }) => sum + ackedRecords, 0)
}

export function isClean({ judgements = [] }: Cycle): boolean {
  return judgements.every(({ losses }) => losses.length === 0)
}

/** Why a judged cycle does not count as a power cut; undefined when it does. */
export function whyInvalid(cycle: Cycle): string | undefined {
  if (cycle.proof === undefined) return 'no proof'
  if (!cycle.proof.valid) return cycle.proof.label
  return ackedRecordsOf(cycle) === 0 ? 'nothing acknowledged' : undefined
}

export function summaryOf(state: RunState): Summary {
  const cycles = judged(state)
  const valid = cycles.filter((cycle) => whyInvalid(cycle) === undefined)
  const clean = valid.filter(isClean).length
  const invalid: Record<string, number> = {}
  for (const cycle of cycles) {
    const why = whyInvalid(cycle)
    if (why !== undefined) invalid[why] = (invalid[why] ?? 0) + 1
  }
  const probes = state.probes.map((_, i) => probeSummary(state, cycles, i))
  const dirty = new Set(
    probes.filter(({ losses }) => Object.keys(losses).length > 0).map(({ kind }) => kind),
  )
  const kinds = probes.map(({ kind }) => kind)
  const culprit = culpritOf(kinds, dirty)
  const losses = cycles.flatMap((cycle) => (cycle.judgements ?? []).flatMap((j) => j.losses))
  return {
    tool: state.tool,
    run: state.run,
    seed: state.seed,
    machine: state.hello?.machine ?? {},
    cycles: cycles.length,
    validCuts: valid.length,
    cleanValidCuts: clean,
    invalid,
    cutsInRecovery: cycles.reduce((sum, { cutsInRecovery }) => sum + cutsInRecovery, 0),
    probes,
    ackedRecords: probes.reduce((sum, { ackedRecords }) => sum + ackedRecords, 0),
    ackedBytes: probes.reduce((sum, { ackedBytes }) => sum + ackedBytes, 0),
    losses: losses.length,
    histogramMsBeforeCut: histogramOf(
      losses.flatMap(({ msBeforeCut }) => (msBeforeCut === undefined ? [] : [msBeforeCut])),
    ),
    culprit,
    lossBound95: losses.length === 0 ? lossBound95(clean) : 1,
    exitCode: exitCodeOf(culprit, clean),
    notProven: notProven(kinds, clean, cycles),
  }
}

function probeSummary(state: RunState, cycles: readonly Cycle[], i: number): ProbeSummary {
  const { hello } = state.probes[i] as (typeof state.probes)[number]
  const judgements = cycles.flatMap(({ judgements = [] }) => judgements[i] ?? [])
  const losses = judgements.flatMap((judgement) => judgement.losses)
  const information: Record<string, number> = {}
  for (const judgement of judgements) {
    for (const [name, count] of Object.entries(judgement.information)) {
      information[name] = (information[name] ?? 0) + count
    }
  }
  return {
    kind: hello.kind,
    target: hello.target,
    fingerprint: hello.fingerprint,
    ackedRecords: judgements.reduce((sum, { ackedRecords }) => sum + ackedRecords, 0),
    ackedBytes: judgements.reduce((sum, { ackedBytes }) => sum + ackedBytes, 0),
    losses: countVerdicts(losses),
    examples: losses
      .slice(0, examplesMax)
      .map(({ verdict, place, detail }) => `${verdict} at ${place}: ${detail}`),
    information,
  }
}

function notProven(kinds: readonly ProbeKind[], clean: number, cycles: readonly Cycle[]): string[] {
  const sentences = [
    'Another drive of the same model, another firmware, temperature, fill level or age may behave ' +
      'differently.',
    'A device that goes back as a whole to an older state that was consistent cannot be told from ' +
      'one whose cut came earlier, except by what was acknowledged since.',
  ]
  if (clean === 0) sentences.unshift('No power cut was proved: nothing is said about power loss.')
  const isByBootIdOnly = cycles.some(
    ({ proof }) => proof?.valid === true && proof.why.includes('no SMART'),
  )
  if (isByBootIdOnly) {
    sentences.push(
      'The power cuts rest on the boot id and the power hook alone: the drive has no counters here, ' +
        'so a reset that left the drive powered would not have been noticed.',
    )
  }
  if (!kinds.includes('device')) {
    sentences.push('Without probe A (--device) a loss cannot be pinned on the device.')
  }
  if (kinds.includes('engine') && !kinds.includes('file')) {
    sentences.push('Without probe C (--file) a loss cannot be pinned on the engine.')
  }
  return sentences
}
