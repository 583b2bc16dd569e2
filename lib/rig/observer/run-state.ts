import { BlockModel } from '../judge/block-model.ts'
import { EngineModel } from '../judge/engine-model.ts'
import type { ProbeModel } from '../judge/probe-model.ts'
import { type CutProof, proofOf } from '../judge/proof.ts'
import type { Judgement } from '../judge/verdict.ts'
import type { LedgerEntry } from '../ledger/ledger-entry.ts'
import { forEachEvent } from '../protocol/events.ts'
import { decodeJson, decodeNumber, frameType } from '../protocol/frame.ts'
import type { Hello, Phase, ProbeHello, Start } from '../protocol/messages.ts'
import { RigError } from '../rig-error.ts'
import { runBytes } from '../workload/block-content.ts'
import type { CutPlan } from './cut-plan.ts'

/** What the observer writes into the ledger itself. */
export type Note =
  | { note: 'run'; run: string; seed: number; tool: string }
  | { note: 'plan'; session: number; plan: CutPlan }
  | { note: 'cut'; by: 'hook' | 'hand' }
  | { note: 'judged'; judgements: Judgement[] }

/** One connection of an agent, from its start of work to what was found afterwards. */
export interface Cycle {
  readonly session: number
  readonly startedAtMs: number
  plan?: CutPlan
  cutBy?: 'hook' | 'hand'
  /** The last that was heard of the agent. */
  lastAtMs: number
  proof?: CutProof
  /** Cuts before anything could be looked at: in the recovery from this one. */
  cutsInRecovery: number
  /** Set when what this cycle left was looked at. */
  judgements?: Judgement[]
}

/** Everything that follows from the ledger: fed with its entries, old and new, in order. */
export class RunState {
  run = ''
  seed = 0
  tool = ''
  readonly cycles: Cycle[] = []
  #hello: Hello | undefined
  #probes: ProbeModel[] = []
  /** Cycles since the last judgement. */
  #unjudged: Cycle[] = []

  get isNew(): boolean {
    return this.run === ''
  }

  get hello(): Hello | undefined {
    return this.#hello
  }

  get probes(): readonly ProbeModel[] {
    return this.#probes
  }

  get unjudged(): readonly Cycle[] {
    return this.#unjudged
  }

  get mustResume(): boolean {
    return this.#probes.some(({ mustResume }) => mustResume)
  }

  /** Records acknowledged since the last judgement. */
  get ackedRecords(): number {
    return this.#probes.reduce((sum, { ackedRecords }) => sum + ackedRecords, 0)
  }

  /** When the work that is to be judged was cut. */
  get cutAtMs(): number {
    return this.#unjudged[0]?.lastAtMs ?? 0
  }

  apply({ type, probe, payload, atMs }: LedgerEntry): void {
    const entry = { type, probe, payload }
    const current = this.cycles.at(-1)
    switch (type) {
      case frameType.hello:
        this.#agentCame(decodeJson<Hello>(entry), atMs)
        return
      case frameType.start:
        for (const [i, first] of decodeJson<Start>(entry).first.entries()) {
          this.#probes[i]?.started(first)
        }
        // Whatever there was to judge has been judged.
        this.#unjudged = this.#unjudged.slice(-1)
        return
      case frameType.note:
        this.#noted(decodeJson<Note>(entry))
        return
      case frameType.baseline:
        this.#probes[probe]?.adopt(payload)
        return
    }
    if (current !== undefined) current.lastAtMs = atMs
    const model = this.#probes[probe]
    if (type === frameType.intent) model?.announced(decodeNumber(entry))
    if (type === frameType.phase) model?.phase(decodeJson<Phase>(entry))
    if (type === frameType.events) {
      forEachEvent(payload, (kind, number, other) => model?.event(kind, number, other, atMs))
    }
  }

  /** Throws when `hello` is not from an agent that this run can go on with. */
  checkHello(hello: Hello): void {
    if (this.#probes.length === 0) {
      for (const { error, target } of hello.probes) {
        if (error !== undefined) throw new RigError(`${target}: ${error}`)
      }
      if (hello.probes.length === 0) throw new RigError('the agent has nothing to test')
      return
    }
    const shapes = (probes: readonly ProbeHello[]): string =>
      JSON.stringify(probes.map(({ kind, target, block, engine }) => [kind, target, block, engine]))
    const known = this.#probes.map((model) => model.hello)
    const come = hello.probes.map((probe, i) =>
      probe.error === undefined ? probe : { ...(known[i] as ProbeHello), kind: probe.kind },
    )
    if (shapes(come) !== shapes(known)) {
      throw new RigError(
        `this run tests ${shapes(known)}, the agent came with ${shapes(hello.probes)}: ` +
          'start it as before, or begin a new run with another --out',
      )
    }
  }

  #agentCame(hello: Hello, atMs: number): void {
    const before = this.#hello
    const last = this.cycles.at(-1)
    if (before !== undefined && last !== undefined && last.proof === undefined) {
      last.proof = proofOf(before, hello, last.cutBy !== undefined)
    }
    this.#hello = hello
    if (this.#probes.length === 0) this.#probes = hello.probes.map((probe) => this.#model(probe))
    const session = this.cycles.length + 1
    const cycle: Cycle = { session, startedAtMs: atMs, lastAtMs: atMs, cutsInRecovery: 0 }
    this.cycles.push(cycle)
    this.#unjudged.push(cycle)
  }

  #model(hello: ProbeHello): ProbeModel {
    const { block, engine } = hello
    const { seed } = this
    if (block !== undefined) {
      return new BlockModel({ ...hello, block }, { seed, run: runBytes(this.run) })
    }
    if (engine !== undefined) return new EngineModel({ ...hello, engine }, seed)
    throw new RigError(`the agent does not say what ${hello.target} is like`)
  }

  #noted(note: Note): void {
    const current = this.cycles.at(-1)
    switch (note.note) {
      case 'run':
        Object.assign(this, { run: note.run, seed: note.seed, tool: note.tool })
        break
      case 'plan':
        if (current !== undefined) current.plan = note.plan
        break
      case 'cut':
        if (current !== undefined) current.cutBy = note.by
        break
      case 'judged':
        this.#judged(note.judgements)
        break
    }
  }

  // The cycle that is judged is the first since the last judgement; those after it were cut before
  // anything could be looked at. The present one has only begun.
  #judged(judgements: Judgement[]): void {
    const [worked, ...later] = this.#unjudged
    if (worked === undefined) return
    worked.judgements = judgements
    const again = later.slice(0, -1)
    worked.cutsInRecovery = again.length
    const doubtful = again.find(({ proof }) => proof?.valid === false)?.proof
    if (doubtful !== undefined) worked.proof = doubtful
    this.#unjudged = this.#unjudged.slice(-1)
  }
}
