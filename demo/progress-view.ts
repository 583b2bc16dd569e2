const barWidth = 30
const lineIntervalMs = 1000

/** A line that is rewritten on a terminal; elsewhere a line now and then. */
export class ProgressView {
  #lastLineMs = Date.now()
  #isOpen = false

  show(fraction: number, text: string): void {
    const percent = `${Math.floor(fraction * 100)}`.padStart(3)
    if (process.stdout.isTTY) {
      const filled = Math.round(fraction * barWidth)
      const bar = `${'#'.repeat(filled)}${'.'.repeat(barWidth - filled)}`
      process.stdout.write(`\r  [${bar}] ${percent} %  ${text}\u001b[K`)
      this.#isOpen = true
    } else if (Date.now() - this.#lastLineMs >= lineIntervalMs) {
      this.#lastLineMs = Date.now()
      process.stdout.write(`  ${percent} %  ${text}\n`)
    }
  }

  /** Ends the line, so that other output can follow. */
  end(): void {
    if (this.#isOpen) process.stdout.write('\n')
    this.#isOpen = false
  }
}
