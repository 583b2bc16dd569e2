import type { Counts, Failure, LayerResult } from '../layer.ts'

interface LayerTask {
  /** URL of the module of the layer. */
  readonly module: string
}

export interface RunTask extends LayerTask {
  readonly kind: 'run' | 'canary'
  readonly seed: number
  readonly budgetCpuSeconds: number
  readonly workDirectory: string
}

export interface ReplayTask extends LayerTask {
  readonly kind: 'replay'
  readonly failure: Failure
}

export interface ShrinkTask extends LayerTask {
  readonly kind: 'shrink'
  readonly failure: Failure
  readonly attemptsMax: number
  readonly secondsMax: number
}

export interface AboutTask extends LayerTask {
  readonly kind: 'about'
}

/** What a child process is asked to do with one layer. */
export type Task = RunTask | ReplayTask | ShrinkTask | AboutTask

export interface LayerAbout {
  readonly title: string
  /** Why this machine cannot run it. */
  readonly unavailable: string | undefined
}

/** What it says meanwhile: title and counts of a run, or the smallest failure so far of a shrink. */
export type ChildMessage =
  | { readonly kind: 'title'; readonly title: string }
  | { readonly kind: 'counts'; readonly counts: Counts }
  | { readonly kind: 'smaller'; readonly failure: Failure }
  | { readonly kind: 'about'; readonly about: LayerAbout }
  | { readonly kind: 'unavailable'; readonly reason: string }
  | { readonly kind: 'result'; readonly result: LayerResult }
  | { readonly kind: 'replayed'; readonly failure: Failure | undefined }
  | { readonly kind: 'shrunk'; readonly failure: Failure; readonly reproduced: boolean }
  | { readonly kind: 'broken'; readonly reason: string }
