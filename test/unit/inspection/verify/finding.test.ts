// Goal: findings are counted however many there are, kept within bounds, and taken back when the
// log that they are in was let go meanwhile.
// Method: findings added by hand.
import { test } from 'uvu'
import * as assert from 'uvu/assert'

import type { LSN } from '../../../../lib/format/lsn.ts'
import { Findings } from '../../../../lib/inspection/verify/finding.ts'

const at = (lsn: number): { lsn: LSN } => ({ lsn: lsn as LSN })

test('findings of several kinds -> the worst first, each counted', () => {
  const findings = new Findings()
  findings.add('torn-tail', 'a')
  findings.add('master-slot-damaged', 'b')
  findings.add('log-gap', 'c', at(8))
  findings.add('log-gap', 'd', at(16))
  assert.equal(
    findings.groups().map(({ code, count }) => [code, count]),
    [
      ['log-gap', 2],
      ['master-slot-damaged', 1],
      ['torn-tail', 1],
    ],
  )
  assert.equal(
    ['damage', 'warning', 'note'].map((severity) => findings.count(severity as 'damage')),
    [2, 1, 1],
  )
})

test('more than can be kept -> the first are kept, all are counted', () => {
  const findings = new Findings()
  for (let i = 0; i < 5000; i++) findings.add('log-gap', `gap ${i}`, at(i))
  const [group] = findings.groups()
  assert.is(group?.count, 5000)
  assert.is(group?.findings.length, 1000)
  assert.is(group?.findings[0]?.sentence, 'gap 0')
})

test('log let go meanwhile -> what was found below is taken back, what lies behind stays', () => {
  const findings = new Findings()
  findings.add('log-gap', 'below', at(100))
  findings.add('log-gap', 'behind', at(200))
  findings.add('page-damaged', 'a page has no place in the log', { page: 3 })
  findings.withdrawBefore(200 as LSN)
  assert.equal(
    findings.groups().map(({ code, count }) => [code, count]),
    [
      ['log-gap', 1],
      ['page-damaged', 1],
    ],
  )
  findings.withdrawBefore(201 as LSN)
  assert.equal(
    findings.groups().map(({ code }) => code),
    ['page-damaged'],
  )
})

test('too many to keep, all below -> all are taken back; one behind -> none of those not kept', () => {
  const below = new Findings()
  const across = new Findings()
  for (let i = 0; i < 2000; i++) {
    below.add('log-gap', '', at(i))
    across.add('log-gap', '', at(i))
  }
  across.add('log-gap', '', at(9000))
  below.withdrawBefore(5000 as LSN)
  across.withdrawBefore(5000 as LSN)
  assert.is(below.count('damage'), 0)
  assert.is(across.count('damage'), 1001)
})

test.run()
