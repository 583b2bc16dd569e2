import type { ProbeJudge } from '../judge/probe-model.ts'
import { decodeJson, decodeNumber, type Frame, frameType } from '../protocol/frame.ts'
import type { ResumeEnd, ResumeError } from '../protocol/messages.ts'
import type { RunState } from './run-state.ts'

/** Takes what the agent streams after a restart, probe by probe. */
export class Judging {
  readonly #judges: { probe: number; judge: ProbeJudge }[]
  readonly judgements: ReturnType<ProbeJudge['end']>['judgement'][] = []
  readonly baselines: { probe: number; baseline: Buffer }[] = []

  constructor(state: RunState) {
    this.judgements = state.probes.map((model) => ({
      losses: [],
      ackedRecords: model.ackedRecords,
      ackedBytes: model.ackedBytes,
      checked: 0,
      information: {},
    }))
    this.#judges = state.probes.flatMap((model, probe) =>
      model.mustResume ? [{ probe, judge: model.judge(state.cutAtMs) }] : [],
    )
  }

  /** True when everything has been looked at. */
  take(frame: Frame): boolean {
    const found = this.#judges.find(({ probe }) => probe === frame.probe)
    if (found === undefined) return false
    if (frame.type === frameType.resumeData) {
      found.judge.data(decodeNumber(frame), frame.payload.subarray(8))
    }
    if (frame.type === frameType.resumeError) found.judge.error(decodeJson<ResumeError>(frame))
    if (frame.type !== frameType.resumeEnd) return false
    const { judgement, baseline } = found.judge.end(decodeJson<ResumeEnd>(frame))
    this.judgements[frame.probe] = judgement
    this.baselines.push({ probe: frame.probe, baseline })
    this.#judges.splice(this.#judges.indexOf(found), 1)
    return this.#judges.length === 0
  }
}
