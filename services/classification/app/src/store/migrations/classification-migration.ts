import type { MigrationInterface, QueryRunner } from 'typeorm'

export class ClassificationMigration implements MigrationInterface {
  readonly name = 'Classification1764000000000'

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table ask (
        request_id uuid not null,
        ask integer not null,
        event_key text not null,
        facts jsonb not null,
        verdict jsonb not null,
        catalog_digest text not null,
        received_at timestamptz not null,
        classified_at timestamptz not null,
        primary key (request_id, ask)
      ) with (toast_tuple_target = 8160)`)
    // names that the tables leave open, of the latest ask of each request only
    await runner.query(`
      create table ask_sku (
        provider text not null,
        name text not null,
        request_id uuid not null,
        ask integer not null,
        open boolean not null,
        primary key (provider, name, request_id),
        foreign key (request_id, ask) references ask (request_id, ask)
      )`)
    await runner.query('create index ask_sku_request on ask_sku (request_id)')
    await runner.query(`
      create table site_mapping (
        provider text not null,
        name text not null,
        accelerators jsonb not null,
        actor text not null,
        mapped_at timestamptz not null,
        primary key (provider, name)
      )`)
    await runner.query('create table catalog_state (single boolean primary key default true check (single), version bigint not null)')
    await runner.query('insert into catalog_state (version) values (0)')
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['catalog_state', 'site_mapping', 'ask_sku', 'ask']) await runner.query(`drop table ${table}`)
  }
}
