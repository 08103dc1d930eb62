export { fixedClock, type FixedClock } from './fixed-clock.js'
export { testBrokers, type TestBrokers } from './test-brokers.js'
export { testDatabase, type TestDatabase, type TestDatabaseOptions } from './test-database.js'
export { until, type UntilOptions } from './until.js'
