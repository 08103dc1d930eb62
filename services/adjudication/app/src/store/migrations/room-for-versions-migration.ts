import type { MigrationInterface, QueryRunner } from 'typeorm'

/** A row that grows three times within a second: its versions stay on one page, so only what is new goes to the log of the disk. */
export class RoomForVersionsMigration implements MigrationInterface {
  readonly name = 'RoomForVersions1764300000000'

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table request_ask set (fillfactor = 25)')
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table request_ask reset (fillfactor)')
  }
}
