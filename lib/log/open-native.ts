import type { NativeBinding, NativeLogOptions } from '../native/binding.ts'
import { nativeEvent, openPhases } from '../native/binding.ts'
import { toSeawallError } from '../native/map-error.ts'
import type { ResolvedLogOptions } from '../options.ts'
import { type RecoveryReport, toRecoveryReport } from './recovery-report.ts'

/** An open native log: everything that `Log` needs to run. */
export interface OpenedLog {
  readonly directory: string
  readonly handle: number
  /** null when read-only. */
  readonly ring: ArrayBuffer | null
  readonly control: Float64Array
  readonly recovery: RecoveryReport
}

/** Opens the log off this thread. `onEvent` gets the native events, except progress. */
export function openNative(
  binding: NativeBinding,
  directory: string,
  options: ResolvedLogOptions,
  onEvent: (event: number, value: number) => boolean,
  onPagesRead: (table: Float64Array) => void,
): Promise<OpenedLog> {
  const { onProgress } = options
  return new Promise((resolve, reject) => {
    binding.open(
      directory,
      nativeOptions(options),
      (event, a, b = 0, c = 0) => {
        if (typeof a !== 'number') return void onPagesRead(a)
        if (event !== nativeEvent.progress) return onEvent(event, a)
        const phase = openPhases[a]
        if (phase !== undefined) onProgress?.({ phase, done: b, total: c })
        return undefined
      },
      onProgress !== undefined,
      (error, result) => {
        if (error !== undefined) return reject(toSeawallError(error))
        const { handle, ring, control, report } = result
        resolve({
          directory,
          handle,
          ring,
          control: new Float64Array(control),
          recovery: toRecoveryReport(report),
        })
      },
    )
  })
}

function nativeOptions(options: ResolvedLogOptions): NativeLogOptions {
  return {
    segmentBytes: options.segmentBytes ?? 0,
    bufferBytes: options.bufferBytes,
    maxLogBytes: options.maxLogBytes ?? 0,
    backend: options.backend,
    directIO: options.directIO,
    readOnly: options.readOnly,
    commitDelayUs: options.commitDelayUs,
    commitSiblings: options.commitSiblings,
    idleMarkMs: options.idleMarkMs,
    padToBlock: options.padToBlock,
  }
}
