import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Salts of the events that the log records as one digest. */
export class EventSaltMigration implements MigrationInterface {
  readonly name = 'EventSalt1764300000000'

  async up(runner: QueryRunner): Promise<void> {
    // null: told before events had salts
    await runner.query('alter table license add column salt text')
    await runner.query('alter table officer_case add column salt text')
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table officer_case drop column salt')
    await runner.query('alter table license drop column salt')
  }
}
