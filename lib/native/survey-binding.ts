import type { NativeError, NativeReport } from './binding.ts'

/** Held by JavaScript; let go with surveyRelease or scanRelease, or by the garbage collector. */
export type NativeSurvey = { readonly survey: unique symbol }
export type NativeScan = { readonly scan: unique symbol }

/** A slot of the master record; LogSurvey's MasterRecord with plain numbers. */
export interface NativeMaster {
  logId: string
  sequence: number
  incarnation: number
  closedCleanly: boolean
  segmentBytes: number
  blockBytes: number
  incarnationStartLSN: number
  promiseLSN: number
  oldestLSN: number
  lastSegment: number
  inFlightMaxBytes: number
  checkpointLSN: number
  createdAtMs: number
}

export interface NativeLogLayout {
  logId: string
  segmentBytes: number
  blockBytes: number
  slots: { record?: NativeMaster; error?: NativeError }[]
  master?: NativeMaster
  segments: {
    number: number
    path: string
    startLSN: number
    endLSN: number
    bytes: number
    error?: NativeError
    incarnation: number
    preparedAtMs: number
  }[]
  missingSegments: number[]
  oldestLSN: number
  filesEndLSN: number
  isStore: boolean
}

export interface NativePageFile {
  pageBytes: number
  pages: number
  createdAtMs: number
  copies: { pageId: number; pageLSN: number }[]
}

/** Columns of a table of surveyNext, and how many there are: native/napi/survey_binding.cc. */
export const surveyColumn = {
  verdict: 0,
  reason: 1,
  onlyZeros: 2,
  lsn: 3,
  nextLSN: 4,
  type: 5,
  kind: 6,
  flags: 7,
  incarnation: 8,
  promiseLSN: 9,
  bodyOffset: 10,
  bodyBytes: 11,
  count: 12,
} as const

/** SurveyVerdict in native/log/survey_scan.h. */
export const surveyVerdict = {
  good: 0,
  bodyMismatch: 1,
  earlierIncarnation: 2,
  unknownIncarnation: 3,
  unannounced: 4,
  gap: 5,
} as const

/** Columns of a table of surveyPages. */
export const surveyPageColumn = {
  pageId: 0,
  finding: 1,
  pageLSN: 2,
  pageType: 3,
  count: 4,
} as const

type Callback<Results extends unknown[]> = (
  error: NativeError | undefined,
  ...results: Results
) => void

/** Looking at directories from outside (native/log/log_survey.h). */
export interface NativeSurveyBinding {
  surveyOpen(directory: string, callback: Callback<[NativeSurvey, NativeLogLayout]>): void
  surveyEnd(survey: NativeSurvey, callback: Callback<[NativeReport]>): void
  surveyScan(survey: NativeSurvey, from: number, to: number): NativeScan
  /** One at a time for each scan. No rows: the scan is over. */
  surveyNext(scan: NativeScan, callback: Callback<[Float64Array, ArrayBuffer | undefined]>): void
  surveyPageFile(survey: NativeSurvey, callback: Callback<[NativePageFile]>): void
  surveyPages(
    survey: NativeSurvey,
    first: number,
    count: number,
    callback: Callback<[Float64Array]>,
  ): void
  surveyPage(survey: NativeSurvey, pageId: number, callback: Callback<[Uint8Array]>): void
  surveyRelease(survey: NativeSurvey): void
  scanRelease(scan: NativeScan): void
}
