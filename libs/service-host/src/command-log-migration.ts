import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Commands that were answered; add it to the migrations of a service that calls `runIdempotent`. */
export class CommandLogMigration implements MigrationInterface {
  readonly name = 'CommandLog1700000000000'

  async up(runner: QueryRunner): Promise<void> {
    // json, not jsonb: a repeated command gets its answer back with the members in their order
    await runner.query(`
      create table command_log (
        key text primary key,
        fingerprint text not null,
        status integer,
        response json,
        recorded_at timestamptz not null default now()
      )`)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table command_log')
  }
}
