import type { InspectedLog } from '../inspected-log.ts'

const segmentsMax = 4096
const holdersMax = 10
const commandLengthMax = 200

/** What the files say, and how far the index has come. */
export function summaryView(log: InspectedLog) {
  const { survey, tail, use, pageFile, index } = log
  const { segments, missingSegments, ...layout } = survey.layout
  const { error, ...end } = tail
  return {
    directory: survey.directory,
    isStore: log.isStore,
    lookedAtMs: log.lookedAtMs,
    use: {
      state: use.state,
      holders: use.holders.slice(0, holdersMax).map(({ pid, command }) => {
        return { pid, command: command.slice(0, commandLengthMax) }
      }),
    },
    layout: {
      ...layout,
      // The last ones: the log of today.
      segments: segments.slice(-segmentsMax),
      segmentCount: segments.length,
      missingSegments: missingSegments.slice(0, segmentsMax),
      missingSegmentCount: missingSegments.length,
      payloadBytes: layout.segmentBytes - layout.blockBytes,
    },
    tail: { ...end, ...(error === undefined ? {} : { message: error.message }) },
    endLSN: log.endLSN,
    pageFile: pageFile !== undefined && 'copies' in pageFile ? fileView(pageFile) : pageFile,
    index: {
      atLSN: index.atLSN,
      toLSN: index.toLSN,
      isComplete: index.isComplete,
      failure: log.indexFailure,
    },
  }
}

function fileView({ copies, ...file }: { copies: readonly unknown[] }): unknown {
  return { ...file, copyCount: copies.length }
}

/** The log at a glance: docs of LogIndex. */
export function indexView({ index, indexFailure }: InspectedLog) {
  const { fromLSN, toLSN, atLSN, bucketBytes, isComplete, truncatedToLSN } = index
  const { records, committed, rolledBack, running } = index
  const { checkpoints, checkpointCount, incarnations, incarnationCount } = index
  const { problems, problemCount, typeNames, buckets } = index
  return {
    ...{ fromLSN, toLSN, atLSN, bucketBytes, isComplete, truncatedToLSN, failure: indexFailure },
    ...{ records, committed, rolledBack, running, typeNames },
    ...{ checkpoints, checkpointCount, incarnations, incarnationCount, problems, problemCount },
    buckets,
    longest: index.longest.values(),
  }
}
