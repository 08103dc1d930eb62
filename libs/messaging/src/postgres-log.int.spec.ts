import { openDatabase } from '@weir/persistence'
import { testDatabase, type TestDatabase } from '@weir/testing'
import { countFeatures } from '../test/count-features.js'
import { silent } from '../test/listening-service.js'
import { backlogFeatures } from './backlog.features.js'
import { faultFeatures } from './fault.features.js'
import { openPostgresLog } from './postgres-log.js'
import { transportFeatures } from './transport.features.js'

describe('the PostgreSQL log', () => {
  const feature = countFeatures('postgres')
  const setUp = async () => {
    const bus = await testDatabase({ service: 'reports', migrations: [] })
    const admin = await openDatabase({ url: bus.adminUrl, name: 'spec' })
    return {
      open: (options?: { readonly partitions?: number }) => openPostgresLog({ url: bus.busUrl, logger: silent, ...options }),
      forget: async (topic: string) => void (await admin.query('delete from bus.message where topic = $1', [topic])),
      close: async () => {
        await admin.close()
        await bus.drop()
      },
    }
  }
  transportFeatures(feature, setUp)
  faultFeatures(feature, setUp)
})

describe('a backlog on the PostgreSQL log', () => {
  let bus: TestDatabase
  beforeAll(async () => {
    bus = await testDatabase({ service: 'reports', migrations: [] })
  })
  afterAll(() => bus.drop())
  backlogFeatures(() => openPostgresLog({ url: bus.busUrl, logger: silent }))
})
