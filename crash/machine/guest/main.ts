// What runs in the emulated machine: the production addon on the file system of the device under
// test. Everything that it promises or sees is told to the host, which judges.
import { type Engine, type Log, SeawallError } from '../../../lib/index.ts'
import { decodePlan, type EnginePlan, type LogPlan } from '../plan/machine-plan.ts'
import { engineWorkload } from './engine-workload.ts'
import { logWorkload } from './log-workload.ts'
import { tell } from './wire.ts'

interface Workload<Store, Plan> {
  open(directory: string, plan: Plan): Promise<Store>
  run(store: Store, plan: Plan): Promise<void>
  tryAgain(store: Store): Promise<void>
}

const directory = '/device/store'

async function use<Store extends Engine | Log, Plan>(
  workload: Workload<Store, Plan>,
  plan: Plan,
): Promise<void> {
  const store = await workload.open(directory, plan)
  try {
    await workload.run(store, plan)
  } catch (error) {
    tell(`failed ${codeOf(error)}`)
    await checkFailStop(workload, store)
  }
  await store.close().catch((error: unknown) => tell(`close-failed ${codeOf(error)}`))
  tell('closed')
}

// I14: nothing is acknowledged any more.
async function checkFailStop<Store, Plan>(
  workload: Workload<Store, Plan>,
  store: Store,
): Promise<void> {
  for (let times = 0; times < 2; times++) {
    try {
      await workload.tryAgain(store)
      tell('accepted')
    } catch (error) {
      tell(`refused ${codeOf(error)}`)
    }
  }
}

function codeOf(error: unknown): string {
  if (error instanceof SeawallError) return `${error.code} ${errnoOf(error)}`
  return `untyped ${String((error as Error).stack ?? error).replaceAll('\n', ' / ')}`
}

/** Of the error itself or of what caused it; 0: none. */
function errnoOf(error: unknown): number {
  if (!(error instanceof SeawallError)) return 0
  return error.errno ?? errnoOf(error.cause)
}

const plan = decodePlan(process.env.PLAN ?? '')
try {
  tell(`start ${process.version}`)
  if (plan.workload === 'engine') await use<Engine, EnginePlan>(engineWorkload, plan)
  else await use<Log, LogPlan>(logWorkload, plan)
} catch (error) {
  tell(`failed ${codeOf(error)}`)
}
tell('end')
process.exit(0)
