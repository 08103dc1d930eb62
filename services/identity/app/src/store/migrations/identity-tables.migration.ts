import type { MigrationInterface, QueryRunner } from 'typeorm'

export class IdentityTablesMigration implements MigrationInterface {
  readonly name = 'IdentityTables1764000100000'

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of statements) await runner.query(statement)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      'drop table ask, party_key, tenant, customer_revision, customer, identity_state, list_name, list_entry, screening_list',
    )
  }
}

const statements = [
  `create table screening_list (
    list_id bigint generated always as identity primary key,
    digest text not null unique,
    title text not null,
    entries integer not null,
    activated_at timestamptz not null,
    activated_by text not null
  )`,
  // cells: the row as published, so that an assessment that pins this list can be repeated years later
  `create table list_entry (
    list_id bigint not null references screening_list,
    entry_no integer not null,
    list text not null,
    entry_id text not null,
    name text not null,
    cells json not null,
    primary key (list_id, entry_no)
  )`,
  `create table list_name (
    list_id bigint not null references screening_list,
    name text not null,
    entry_no integer not null
  )`,
  // md5: a published name may be longer than an index row
  `create index list_name_by_name on list_name (list_id, md5(name))`,
  // One row. Assessments share its lock, an activation takes it alone: none is made with a list that is just replaced.
  `create table identity_state (
    id smallint primary key check (id = 1),
    active_list bigint references screening_list,
    active_digest text,
    check ((active_list is null) = (active_digest is null))
  )`,
  `insert into identity_state (id) values (1)`,
  `create table customer (
    customer_id text primary key,
    declaration json not null,
    ownership_digest text not null,
    revision integer not null,
    changed_at timestamptz not null
  )`,
  `create table customer_revision (
    customer_id text not null references customer,
    revision integer not null,
    declaration json not null,
    ownership_digest text not null,
    declared_at timestamptz not null,
    declared_by text not null,
    primary key (customer_id, revision)
  )`,
  `create table tenant (
    system text not null,
    id text not null,
    customer_id text not null references customer,
    primary key (system, id)
  )`,
  `create index tenant_by_customer on tenant (customer_id)`,
  `create table party_key (
    customer_id text not null references customer,
    key text not null
  )`,
  `create index party_key_by_customer on party_key (customer_id)`,
  `create index party_key_by_key on party_key (md5(key))`,
  // the latest ask of each request; an earlier one is nobody's concern any more
  `create table ask (
    request_id uuid primary key,
    ask integer not null,
    key text not null,
    tenant_system text,
    tenant_id text,
    customer_id text,
    content_digest text not null,
    assessment json not null,
    asked_at timestamptz not null,
    assessed_at timestamptz not null
  ) with (toast_tuple_target = 8160)`,
  `create index ask_by_customer on ask (customer_id, request_id)`,
  `create index ask_by_tenant on ask (tenant_system, tenant_id)`,
]
