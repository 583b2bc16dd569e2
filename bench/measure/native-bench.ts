import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { endWithUs } from '../../programs/child-processes.ts'
import { checkout } from '../../programs/place.ts'
import type { Sample } from './rounds.ts'

const execFileAsync = promisify(execFile)

export type NativeMode = 'flush-sync' | 'writer-thread' | 'append'

/** bench/native/raw_append_bench.cc: the log's native core without Node. */
export class NativeBench {
  readonly #program: string

  private constructor(program: string) {
    this.#program = program
  }

  /** Builds the program; undefined when that does not work, or this is no checkout. */
  static async build(): Promise<NativeBench | undefined> {
    if (checkout === undefined) return undefined
    const build = join(checkout, 'build/bench-native')
    try {
      await execFileAsync('cmake', ['-S', checkout, '-B', build, '-DCMAKE_BUILD_TYPE=Release'])
      const target = ['--target', 'raw_append_bench', '--parallel', '2']
      await execFileAsync('cmake', ['--build', build, ...target])
    } catch {
      return undefined
    }
    return new NativeBench(join(build, 'raw_append_bench'))
  }

  /** Records of `bodyBytes` a second. */
  async run(
    mode: NativeMode,
    directory: string,
    seconds: number,
    bodyBytes: number,
  ): Promise<Sample> {
    const args = [mode, directory, String(seconds), String(bodyBytes)]
    const running = execFileAsync(this.#program, args)
    endWithUs(running.child)
    const { stdout } = await running
    const output = JSON.parse(stdout) as { perSecond: number } & Record<string, number>
    return { value: output.perSecond, details: output }
  }
}
