// A step of a restart in plain sentences, with the names that ARIES has for it. Pure.
import { counted } from '../words.js'

/** @typedef {import('../server.js').Step} Step */
/** @typedef {Extract<Step, { phase: 'analysis' }>} AnalysisStep */
/** @typedef {Extract<Step, { phase: 'redo' }>} RedoStep */
/** @typedef {Extract<Step, { phase: 'undo' }>} UndoStep */
/** @typedef {{ verdict: string, tone: 'quiet' | 'good' | 'warn' | 'bad', test: string, sentence: string }} Told */

/** @param {Step} step @returns {Told} */
export function told(step) {
  if (step.phase === 'analysis') return toldAnalysis(step)
  return step.phase === 'redo' ? toldRedo(step) : toldUndo(step)
}

/** @param {AnalysisStep} step @returns {Told} */
function toldAnalysis({ record, changes }) {
  const test = 'ARIES 6.1, analysis pass'
  const { kind, lsn, transactionLSN, pageId } = record
  const att = changes.find((change) => change.table === 'ATT')
  const dpt = changes.find((change) => change.table === 'DPT')
  const both = changes.find((change) => change.table === 'both')
  const isNew = transactionLSN === lsn
  const dirty =
    dpt === undefined
      ? pageId === undefined || pageId === 0
        ? ''
        : ` Page ${pageId} is in the DPT already; its recLSN stays.`
      : ` Page ${dpt.pageId} enters the DPT with recLSN ${dpt.recLSN}: from here on the page on disk may lack changes.`
  switch (kind) {
    case 'begin checkpoint':
      return {
        verdict: 'Read',
        tone: 'quiet',
        test,
        sentence: 'A checkpoint begins. Its tables stand in its end record.',
      }
    case 'end checkpoint':
      return both === undefined
        ? {
            verdict: 'Read',
            tone: 'quiet',
            test,
            sentence:
              'The end record of a checkpoint. It names nothing that the tables do not have.',
          }
        : {
            ...{
              verdict: 'Tables taken over',
              tone: 'good',
              test: `${test}: the checkpoint’s tables`,
            },
            sentence: `The tables take over what the checkpoint names: now ${counted(both.transactions, 'transaction')} in the ATT and ${counted(both.pages, 'page')} in the DPT.`,
          }
    case 'commit':
      return {
        verdict: 'Out of the ATT',
        tone: 'good',
        test: `${test}: end of a transaction`,
        sentence: `Transaction ${transactionLSN} has committed: it leaves the ATT. Redo repeats its changes, undo leaves them alone.`,
      }
    case 'end':
      return {
        verdict: 'Out of the ATT',
        tone: 'good',
        test: `${test}: end of a transaction`,
        sentence: `Transaction ${transactionLSN} is rolled back completely: it leaves the ATT.`,
      }
    case 'compensation':
      return {
        ...{ verdict: 'Into the tables', tone: 'warn', test: `${test}: CLR` },
        sentence:
          att === undefined
            ? `A compensation (CLR) of no transaction.${dirty}`
            : `A compensation (CLR) of transaction ${transactionLSN}: undo will go on at ${lsnOrNothing(record.undoNextLSN)}, so what has been undone is not undone twice.${dirty}`,
      }
    case 'update':
      return {
        ...{ verdict: 'Into the tables', tone: 'warn', test },
        sentence: `${isNew ? `The first record of transaction ${transactionLSN}: it enters the ATT.` : `Transaction ${transactionLSN} goes on: its lastLSN becomes ${lsn}.`}${dirty}`,
      }
    default:
      return {
        verdict: dpt === undefined ? 'Read' : 'Into the DPT',
        tone: dpt === undefined ? 'quiet' : 'warn',
        test,
        sentence: `${kind === undefined ? 'A record' : `A ${kind}`}.${dirty}`,
      }
  }
}

/** @param {number | undefined} lsn */
function lsnOrNothing(lsn) {
  return lsn === undefined || lsn === 0 ? 'nothing more' : `LSN ${lsn}`
}

/** @param {RedoStep} step @returns {Told} */
function toldRedo({ record, pageId, decision, recLSN, before }) {
  const { lsn } = record
  const pageLSN = before?.pageLSN ?? 0
  switch (decision) {
    case 'redo':
      return {
        verdict: 'Redone',
        tone: 'warn',
        test: 'ARIES 6.2: all tests passed',
        sentence: `Page ${pageId} ${pageLSN === 0 ? 'was never written' : `has pageLSN ${pageLSN}`}, so it lacks this change. It is applied, and the pageLSN becomes ${lsn}.`,
      }
    case 'not dirty':
      return {
        verdict: 'Skipped',
        tone: 'quiet',
        test: 'ARIES 6.2: the page is not in the DPT',
        sentence: `Page ${pageId} is not in the DPT: it was written after this change. It need not even be read.`,
      }
    case 'before recLSN':
      return {
        verdict: 'Skipped',
        tone: 'quiet',
        test: 'ARIES 6.2: LSN < recLSN',
        sentence: `The record is older than recLSN ${recLSN} of page ${pageId}: the page was written after this change.`,
      }
    case 'on page':
      return {
        verdict: 'Skipped',
        tone: 'quiet',
        test: 'ARIES 6.2: LSN ≤ pageLSN',
        sentence: `Page ${pageId} has pageLSN ${pageLSN}: the change is on it already.`,
      }
    case 'damaged':
      return {
        verdict: 'Not possible',
        tone: 'bad',
        test: 'No test of ARIES: the page cannot take it',
        sentence: `Page ${pageId} is ${before?.condition === 'ahead of the log' ? 'ahead of the log: its pageLSN lies beyond the end' : 'damaged'}. The change is passed over and the page is reported; using it fails.`,
      }
    case 'check':
      return {
        verdict: 'Compared',
        tone: 'good',
        test: 'Consistency mode',
        sentence: `What redo has made of page ${pageId} is compared with this image of it.`,
      }
    case 'no check':
      return {
        verdict: 'Not compared',
        tone: 'quiet',
        test: 'Consistency mode',
        sentence: `Page ${pageId} is not as of LSN ${record.imageLSN ?? 0}: there is nothing to compare this image with.`,
      }
  }
}

/** @param {UndoStep} step @returns {Told} */
function toldUndo({ transactionLSN, action, record, compensation, undoNextLSN }) {
  const onward =
    undoNextLSN === 0 ? 'nothing is left of it' : `its next record is LSN ${undoNextLSN}`
  switch (action) {
    case 'compensate':
      return {
        verdict: 'Undone',
        tone: 'warn',
        test: 'ARIES 6.3: update, CLR written',
        sentence: `The change of page ${compensation?.pageId} by loser ${transactionLSN} is taken back: a compensation (CLR, ${compensation?.operationName}) is written with undoNextLSN ${undoNextLSN === 0 ? 'none' : undoNextLSN}; ${onward}.`,
      }
    case 'step over':
      return {
        verdict: 'Stepped over',
        tone: 'quiet',
        test: 'ARIES 6.3: CLR, follow undoNextLSN',
        sentence: `A compensation is never undone. Undo of ${transactionLSN} follows its undoNextLSN; ${onward}.`,
      }
    case 'ask the user':
      return {
        verdict: 'Undone by the host',
        tone: 'warn',
        test: 'ARIES 6.3: logical undo',
        sentence: `This operation is the host’s own: its undo function would be called. The inspector does not have it and goes on; ${onward}.`,
      }
    case 'end':
      return {
        verdict: 'Over',
        tone: 'good',
        test: 'ARIES 6.3: end record',
        sentence: `Everything of loser ${transactionLSN} is undone: its end record is written.`,
      }
    case 'lost':
      return {
        verdict: 'Not found',
        tone: 'bad',
        test: 'No test of ARIES: the log lacks it',
        sentence: `The record ${record === undefined ? '' : `at LSN ${record.lsn} `}that should be undone is not there: a restart would stop.`,
      }
  }
}

/**
 * The three tests of redo in their order: whether each was passed; undefined where it was not reached.
 * @param {RedoStep} step
 * @returns {{ test: string, numbers: string, isPassed: boolean | undefined }[]}
 */
export function redoTests({ record, pageId, decision, recLSN, before }) {
  const isChecked = decision === 'check' || decision === 'no check'
  const inTable = recLSN !== undefined
  const isLater = !inTable ? undefined : decision !== 'before recLSN'
  const reached = isLater === true && before !== undefined && decision !== 'damaged' && !isChecked
  return [
    { test: 'Is the page in the DPT?', numbers: `page ${pageId}`, isPassed: inTable },
    {
      test: 'Is LSN ≥ recLSN?',
      numbers: recLSN === undefined ? '' : `${record.lsn} and ${recLSN}`,
      isPassed: isLater,
    },
    {
      test: 'Is pageLSN < LSN?',
      numbers: reached ? `${before?.pageLSN} and ${record.lsn}` : '',
      isPassed: reached ? decision === 'redo' : undefined,
    },
  ]
}
