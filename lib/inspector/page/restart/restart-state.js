// The tables as of a step: those at the start of its page of steps, and what has changed since. Pure.

/** @typedef {import('../server.js').RestartPage} RestartPage */
/** @typedef {import('../server.js').Step} Step */
/** @typedef {import('../tables.js').TableRows} TableRows */

/**
 * @param {RestartPage} page
 * @param {number} at the step, counted from the first one of the page
 * @returns {TableRows}
 */
export function tablesBehind(page, at) {
  const { takenOver } = page
  const isOver = takenOver !== undefined && takenOver.step <= at
  const base = isOver ? takenOver.tables : page.before
  const steps = page.steps.slice(isOver ? takenOver.step + 1 : 0, at + 1)
  const transactions = new Map(base.transactions.map((entry) => [entry.transactionLSN, entry]))
  const pages = new Map(base.pages.map((entry) => [entry.pageId, entry]))
  let [transactionCount, pageCount] = [base.transactionCount, base.pageCount]
  for (const step of steps) {
    if (step.phase !== 'analysis') break
    for (const change of step.changes) {
      if (change.table === 'DPT') {
        pages.set(change.pageId, { pageId: change.pageId, recLSN: change.recLSN })
        pageCount += 1
      }
      if (change.table !== 'ATT') continue
      const { transactionLSN, entry } = change
      const isFirst = step.record.lsn === transactionLSN
      if (entry === undefined) transactionCount -= 1
      else if (isFirst) transactionCount += 1
      if (entry === undefined) transactions.delete(transactionLSN)
      else if (isFirst || transactions.has(transactionLSN))
        transactions.set(transactionLSN, { transactionLSN, ...entry })
    }
  }
  return {
    transactions: [...transactions.values()].sort((a, b) => a.transactionLSN - b.transactionLSN),
    pages: [...pages.values()].sort((a, b) => a.recLSN - b.recLSN || a.pageId - b.pageId),
    ...{ transactionCount, pageCount },
  }
}

/** What of the tables a step is about. @param {Step} step */
export function highlightsOf(step) {
  if (step.phase === 'undo')
    return {
      transactions: new Set([Number(step.transactionLSN)]),
      pages: new Set(step.compensation === undefined ? [] : [step.compensation.pageId]),
    }
  if (step.phase === 'redo') return { transactions: new Set(), pages: new Set([step.pageId]) }
  /** @type {Set<number>} */
  const transactions = new Set()
  /** @type {Set<number>} */
  const pages = new Set()
  for (const change of step.changes) {
    if (change.table === 'ATT') transactions.add(change.transactionLSN)
    if (change.table === 'DPT') pages.add(change.pageId)
  }
  return { transactions, pages }
}
