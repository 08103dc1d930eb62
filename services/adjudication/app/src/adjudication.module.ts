import { Module, type DynamicModule } from '@nestjs/common'
import type { Job, ServiceDeps } from '@weir/service-host'
import { adjudication, type Adjudication } from './adjudication.js'
import type { AdjudicationConfig } from './config.js'
import { CasesController } from './inbound/cases.controller.js'
import { FactsController } from './inbound/facts.controller.js'
import { LicensesController } from './inbound/licenses.controller.js'
import { PacksController } from './inbound/packs.controller.js'
import { emitChanges } from './outbound/emit-changes.js'
import { ADJUDICATION } from './tokens.js'
import { activatePolicy } from './use-cases/activate-policy.js'

type Deps = ServiceDeps<AdjudicationConfig>

@Module({})
class AdjudicationModule {}

/** Wired once per container: module, jobs and start-up get the same parts. */
const wired = new WeakMap<Deps['unitOfWork'], Adjudication>()

function partsOf(deps: Deps): Adjudication {
  const parts = wired.get(deps.unitOfWork) ?? adjudication(deps)
  wired.set(deps.unitOfWork, parts)
  return parts
}

export function adjudicationModule(deps: Deps): DynamicModule {
  return {
    module: AdjudicationModule,
    controllers: [FactsController, CasesController, LicensesController, PacksController],
    providers: [{ provide: ADJUDICATION, useValue: partsOf(deps) }],
  }
}

export async function prepareAdjudication(deps: Deps): Promise<void> {
  const { policy, policies, unitOfWork } = partsOf(deps)
  await activatePolicy(unitOfWork, { store: policies, packs: policy.packs })
}

const AT_ONCE = 200
/** transactions of one run; a stop waits for the run */
const ROUNDS = 50

/**
 * Requests whose assessments did not both come in time are held, and decided again when they come. What is held when a license
 * is registered is decided again.
 */
export function adjudicationJobs(deps: Deps): readonly Job[] {
  const parts = partsOf(deps)
  const holdOverdue = () =>
    parts.unitOfWork.run('hold-overdue', async (unit) => {
      const overdue = await parts.requests.lockOverdue(unit.tx, unit.now, AT_ONCE)
      const changes = await parts.decide.run(unit.tx, overdue, { now: unit.now, overdueToo: true })
      emitChanges(unit, changes, parts.making(unit.now))
    })
  const someHeldAgain = () =>
    parts.unitOfWork.run('decide-held-again', async (unit) => {
      const changes = await parts.decideHeldAgain.run(unit.tx, { now: unit.now, limit: AT_ONCE })
      emitChanges(unit, changes ?? [], parts.making(unit.now))
      return changes !== undefined
    })
  const decideHeldAgain = async () => {
    for (let round = 0; round < ROUNDS && (await someHeldAgain()); round += 1);
  }
  const everyMs = deps.config.WEIR_ADJUDICATION_SWEEP_MS
  return [
    { name: 'hold-overdue', everyMs, run: holdOverdue },
    { name: 'decide-held-again', everyMs, run: decideHeldAgain },
  ]
}
