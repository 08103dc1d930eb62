import { testDatabase, type TestDatabase } from '@weir/testing'
import { silent } from '../test/listening-service.js'
import { backlogFeatures } from './backlog.features.js'
import { openPostgresLog } from './postgres-log.js'
import { transportFeatures } from './transport.features.js'

describe('the PostgreSQL log', () => {
  transportFeatures(async () => {
    const bus = await testDatabase({ service: 'reports', migrations: [] })
    return {
      open: (options) => openPostgresLog({ url: bus.busUrl, logger: silent, ...options }),
      close: () => bus.drop(),
    }
  })
})

describe('a backlog on the PostgreSQL log', () => {
  let bus: TestDatabase
  beforeAll(async () => {
    bus = await testDatabase({ service: 'reports', migrations: [] })
  })
  afterAll(() => bus.drop())
  backlogFeatures(() => openPostgresLog({ url: bus.busUrl, logger: silent }))
})
