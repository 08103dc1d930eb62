import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Tables of the one-transaction runtime, in every service's own schema. */
export class Messaging1764000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table consumer_offset (
        topic text not null,
        partition integer not null,
        next_offset bigint not null default 0,
        epoch bigint not null default 0,
        primary key (topic, partition)
      );
      create table inbox (
        event_id uuid primary key,
        seen_at timestamptz not null default now()
      );
      create table outbox_stream (
        "only" boolean primary key default true check ("only"),
        seq bigint not null
      );
      insert into outbox_stream (seq) values (0);
      create table outbox (
        seq bigint primary key,
        event_id uuid not null,
        topic text not null,
        key text not null,
        headers jsonb not null,
        value text not null,
        created_at timestamptz not null default now(),
        published_at timestamptz
      );
      create index outbox_unpublished on outbox (seq) where published_at is null;
      create table parked (
        id bigint generated always as identity primary key,
        topic text not null,
        partition integer not null,
        "offset" bigint not null,
        key text,
        headers jsonb not null,
        value text,
        error text not null,
        parked_at timestamptz not null default now(),
        unique (topic, partition, "offset")
      );
      create index parked_by_key on parked (key, id);`)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table parked, outbox, outbox_stream, inbox, consumer_offset')
  }
}

/** The PostgreSQL log, in schema `bus`: topics as rows, offsets dense per partition. */
export class Bus1764000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table head (
        topic text not null,
        partition integer not null,
        next_offset bigint not null default 0,
        primary key (topic, partition)
      );
      create table message (
        topic text not null,
        partition integer not null,
        "offset" bigint not null,
        key text not null,
        headers jsonb not null,
        value text not null,
        stored_at timestamptz not null default now(),
        primary key (topic, partition, "offset")
      );
      -- One statement, one commit. Heads are locked in one order, so publishers wait for each other and never in a ring.
      create function append(topics text[], partitions integer[], keys text[], headers_of text[], payloads text[]) returns void
      language plpgsql as $$
      declare
        unknown text;
      begin
        select string_agg(distinct t || '/' || p, ', ') into unknown from unnest(topics, partitions) as w (t, p)
          where not exists (select 1 from head h where h.topic = w.t and h.partition = w.p);
        if unknown is not null then
          raise exception 'no such topic or partition: %', unknown;
        end if;
        perform 1 from head h
          where (h.topic, h.partition) in (select t, p from unnest(topics, partitions) as w (t, p))
          order by h.topic, h.partition for update;
        insert into message (topic, partition, "offset", key, headers, value)
          select w.t, w.p, h.next_offset + row_number() over (partition by w.t, w.p order by w.n) - 1, w.k, w.h::jsonb, w.v
          from unnest(topics, partitions, keys, headers_of, payloads) with ordinality as w (t, p, k, h, v, n)
          join head h on h.topic = w.t and h.partition = w.p;
        update head h set next_offset = h.next_offset + c.n
          from (select t, p, count(*) as n from unnest(topics, partitions) as w (t, p) group by t, p) c
          where h.topic = c.t and h.partition = c.p;
      end $$;`)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop function append; drop table message, head')
  }
}

export const messagingMigrations: readonly (new () => MigrationInterface)[] = [Messaging1764000000000]
export const busMigrations: readonly (new () => MigrationInterface)[] = [Bus1764000000000]
