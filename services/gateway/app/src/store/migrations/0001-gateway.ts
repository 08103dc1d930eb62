import type { MigrationInterface, QueryRunner } from 'typeorm'

export class Gateway1764000000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table provisioning_request (
        id uuid primary key,
        act_key text not null unique,
        fingerprint text not null,
        tenant_system text,
        tenant_id text,
        customer_id text,
        key text not null,
        ask integer not null check (ask >= 1),
        received_at timestamptz not null,
        request jsonb not null
      ) with (toast_tuple_target = 8160);
      create index provisioning_request_unknown_tenant on provisioning_request (tenant_system, tenant_id) where customer_id is null;
      create table request_resource (
        resource_id text not null,
        request_id uuid not null references provisioning_request (id),
        given_back boolean not null default false,
        primary key (resource_id, request_id)
      );
      create index request_resource_request on request_resource (request_id);
      create table tenant_customer (
        system text not null,
        id text not null,
        customer_id text not null,
        primary key (system, id)
      );
      create index tenant_customer_customer on tenant_customer (customer_id);
      create table revision (
        request_id uuid not null,
        revision integer not null check (revision >= 1),
        key text not null,
        decision jsonb,
        entry text,
        receipt text,
        entry_index bigint,
        answered_at timestamptz,
        primary key (request_id, revision)
      ) with (toast_tuple_target = 8160);
      create table unread_event (
        id uuid primary key,
        platform text not null,
        received_at timestamptz not null,
        reason text not null,
        body text not null
      );`)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table unread_event, revision, tenant_customer, request_resource, provisioning_request')
  }
}
