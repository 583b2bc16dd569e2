// Opens a store that was left behind by a crash.
import { openEngine, type EngineConfig } from './open-engine.ts'
import { subject } from './subject.ts'

subject(
  async (config: EngineConfig) => {
    const started = performance.now()
    const engine = await openEngine(config)
    const openMs = performance.now() - started
    const { endLSN, redoLSN, log, analysis, redo, undo } = engine.recovery
    const megabytes = (endLSN - redoLSN) / 1e6
    return {
      value: (1000 * megabytes) / redo.durationMs,
      details: {
        openMs,
        megabytes,
        logMs: log.durationMs,
        analysisMs: analysis.durationMs,
        redoMs: redo.durationMs,
        undoMs: undo.durationMs,
        records: redo.records,
        redone: redo.redone,
        pagesRead: engine.stats().pages.pagesRead,
        dirtyPages: analysis.dirtyPages,
      },
    }
  },
  { isKilled: true },
)
