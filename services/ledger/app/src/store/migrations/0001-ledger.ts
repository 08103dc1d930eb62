import type { MigrationInterface, QueryRunner } from 'typeorm'

export class Ledger1764000000002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table log_head (
        "only" boolean primary key default true check ("only"),
        size bigint not null,
        edge text[] not null,
        last_t bigint not null,
        checkpoint text not null default ''
      );
      insert into log_head (size, edge, last_t) values (0, '{}', 0);
      create table entry (
        index bigint primary key,
        kind text not null,
        subject text not null,
        revision integer not null,
        leaf text not null,
        receipt text not null,
        tree_size bigint not null,
        recorded_at timestamptz not null,
        unique (kind, subject, revision)
      ) with (toast_tuple_target = 8160);
      create table node (
        level smallint not null,
        index bigint not null,
        hash text not null,
        primary key (level, index)
      );
      -- The service may add to its log and to nothing that is in it; the owner's login is for migrations alone.
      do $$
      declare
        service text := regexp_replace(current_user, '_owner$', '');
      begin
        execute format('revoke update, delete on entry, node from %I', service);
        execute format('revoke insert, delete on log_head from %I', service);
      end $$;`)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table node, entry, log_head')
  }
}
