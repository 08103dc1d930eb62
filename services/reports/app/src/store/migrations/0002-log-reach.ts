import type { MigrationInterface, QueryRunner } from 'typeorm'

export class LogReach1764100000003 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // json keeps every text that a decision may hold; jsonb refuses some and respells numbers.
    await runner.query(`
      alter table recorded_decision alter column sections type json using sections::json;
      create unique index recorded_decision_index on recorded_decision (index);
      create table other_entry (index bigint primary key);
      create table log_reach (one boolean primary key default true check (one), reach bigint not null);
      insert into log_reach (reach) values (0);`)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      drop table log_reach, other_entry;
      drop index recorded_decision_index;
      alter table recorded_decision alter column sections type jsonb using sections::jsonb`)
  }
}
