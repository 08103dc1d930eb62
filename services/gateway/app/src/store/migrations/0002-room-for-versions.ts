import type { MigrationInterface, QueryRunner } from 'typeorm'

/** A revision is written three times within a second: its versions stay on one page, so only what is new goes to the log of the disk. */
export class RoomForVersions1764300000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table revision set (fillfactor = 25)')
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table revision reset (fillfactor)')
  }
}
