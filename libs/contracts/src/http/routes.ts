import { adjudicationRoutes } from './adjudication-routes.js'
import { classificationRoutes } from './classification-routes.js'
import { gatewayRoutes } from './gateway-routes.js'
import { identityRoutes } from './identity-routes.js'
import { ledgerRoutes } from './ledger-routes.js'
import { operationsRoutes } from './operations-routes.js'
import { reportsRoutes } from './reports-routes.js'
import type { Route } from './route.js'

/** The public HTTP interface: everything that the gateway serves, whoever owns it. */
export const routes: readonly Route[] = [
  ...gatewayRoutes,
  ...identityRoutes,
  ...classificationRoutes,
  ...adjudicationRoutes,
  ...reportsRoutes,
  ...ledgerRoutes,
  ...operationsRoutes,
]
