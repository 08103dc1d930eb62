import type { MigrationInterface, QueryRunner } from 'typeorm'

export class AdjudicationMigration implements MigrationInterface {
  readonly name = 'Adjudication1764100000000'

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [...requestTables, ...caseTables, ...licenseTables]) await runner.query(statement)
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of [
      'policy_activation',
      'reservation',
      'license',
      'case_request',
      'officer_case',
      'decision',
      'request_ask',
      'request',
    ]) {
      await runner.query(`drop table ${table}`)
    }
  }
}

const requestTables = [
  // the row that everything about one request is serialized by
  `create table request (
    request_id uuid primary key,
    started boolean not null default false,
    ended_ask integer
  )`,
  `create table request_ask (
    request_id uuid not null references request,
    ask integer not null,
    requested jsonb,
    event_key text,
    cause_id text,
    traceparent text,
    identity jsonb,
    workload jsonb,
    deadline timestamptz,
    primary key (request_id, ask)
  ) with (toast_tuple_target = 8160)`,
  // of asks that wait for an assessment; null ones wait for nothing
  'create index request_ask_deadline on request_ask (deadline) where deadline is not null',
  `create table decision (
    request_id uuid not null references request,
    revision integer not null check (revision >= 1),
    ask integer not null,
    current boolean not null,
    outcome text not null check (outcome in ('approve', 'hold', 'deny')),
    late boolean not null,
    machine_digest text not null,
    verdict jsonb not null,
    people jsonb not null,
    pins jsonb not null,
    decided_at timestamptz not null,
    primary key (request_id, revision)
  ) with (toast_tuple_target = 8160)`,
  'create unique index decision_current on decision (request_id) where current',
]

const caseTables = [
  `create table officer_case (
    case_id uuid primary key,
    scope text not null check (scope in ('request', 'tenant')),
    tenant_key text,
    request_id uuid not null,
    customer_id text,
    event_key text not null,
    state text not null check (state in ('open', 'resolved')),
    reasons jsonb not null,
    opened_at timestamptz not null,
    proposal jsonb,
    resolution jsonb,
    check ((scope = 'tenant') = (tenant_key is not null))
  )`,
  `create unique index officer_case_tenant on officer_case (tenant_key) where state = 'open' and tenant_key is not null`,
  'create index officer_case_state on officer_case (state, opened_at)',
  `create table case_request (
    case_id uuid not null references officer_case,
    request_id uuid not null references request,
    joined_at timestamptz not null,
    left_at timestamptz,
    primary key (case_id, request_id)
  )`,
  'create unique index case_request_open on case_request (request_id) where left_at is null',
]

const licenseTables = [
  `create table license (
    license_id text primary key,
    number text not null,
    customer_id text not null,
    paragraphs text[] not null,
    models text[] not null,
    quantity bigint not null check (quantity >= 0),
    available bigint not null check (available >= 0 and available <= quantity),
    valid_from timestamptz not null,
    valid_to timestamptz not null check (valid_to > valid_from),
    registered_by text not null,
    registered_at timestamptz not null,
    unique (customer_id, number)
  )`,
  `create table reservation (
    reservation_id uuid primary key,
    license_id text not null references license,
    request_id uuid not null references request,
    quantity bigint not null check (quantity >= 1),
    state text not null check (state in ('reserved', 'consumed', 'released')),
    moved_at timestamptz not null
  )`,
  `create unique index reservation_open on reservation (request_id) where state = 'reserved'`,
  'create index reservation_request on reservation (request_id)',
  `create table policy_activation (
    pack_id text not null,
    ordinal integer not null check (ordinal >= 1),
    digest text not null,
    mode text not null,
    activated_by text not null,
    activated_at timestamptz not null,
    primary key (pack_id, ordinal)
  )`,
]
