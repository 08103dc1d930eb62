import type { MigrationInterface, QueryRunner } from 'typeorm'

export class Reports1764000000003 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table recorded_decision (
        request_id uuid not null,
        revision integer not null check (revision >= 1),
        decided_at timestamptz,
        sections jsonb,
        entry text,
        receipt text,
        index bigint,
        tree_size bigint,
        primary key (request_id, revision)
      ) with (toast_tuple_target = 8160);
      create index recorded_decision_period on recorded_decision (decided_at, index);
      create table report (
        report_id uuid primary key,
        template text not null,
        period_from timestamptz not null,
        period_to timestamptz not null,
        decisions integer not null,
        digest text not null,
        package bytea not null,
        released_at timestamptz not null
      );`)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table report, recorded_decision')
  }
}
