import type { MigrationInterface, QueryRunner } from 'typeorm'

/** How far the held requests of a license's customer were decided again with it. */
export class LicenseRecheckMigration implements MigrationInterface {
  readonly name = 'LicenseRecheck1764200000000'

  async up(runner: QueryRunner): Promise<void> {
    // the last request that was looked at; null: all were
    await runner.query('alter table license add column recheck_after uuid')
    await runner.query('create index license_recheck on license (registered_at, license_id) where recheck_after is not null')
    await runner.query(`create index decision_held on decision (request_id) where current and outcome = 'hold'`)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop index decision_held')
    await runner.query('alter table license drop column recheck_after')
  }
}
