import type { MigrationInterface, QueryRunner } from 'typeorm'

/** A decision and the ledger's word about it come within a second: both versions of the row stay on one page. */
export class RoomForVersions1764300000003 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table recorded_decision set (fillfactor = 30)')
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table recorded_decision reset (fillfactor)')
  }
}
