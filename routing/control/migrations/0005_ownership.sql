-- Up Migration

-- What orgs hold and may hold. Derived from the log like all projections; commands decide by the log itself.

-- What orgs say of domains, and what they have proved. A tombstone was released, and stays: no edge reads it.
create table weir.domains (
  key text primary key,
  domain text not null,
  org text not null,
  state text not null check (state in ('pending', 'held')),
  token text not null,
  proof text not null check (proof in ('none', 'dns', 'trusted', 'platform')),
  is_platform boolean not null,
  revision bigint not null unique,
  is_deleted boolean not null,
  actor text not null,
  updated_at timestamptz not null
);
create index domains_by_org on weir.domains (org);

-- Dedicated addresses.
create table weir.addresses (
  key text primary key,
  address text not null,
  org text not null,
  revision bigint not null unique,
  is_deleted boolean not null,
  actor text not null,
  updated_at timestamptz not null
);
create index addresses_by_org on weir.addresses (org);

-- The IPv4 addresses that may be dedicated.
create table weir.address_pool (
  key text primary key check (key = 'address-pool'),
  ranges jsonb not null,
  revision bigint not null unique,
  is_deleted boolean not null,
  actor text not null,
  updated_at timestamptz not null
);

-- What all orgs may take, and what single ones may take instead. A quota is a number, none or default.
create table weir.policies (
  key text primary key,
  org text,
  port_quota text not null,
  address_quota text not null,
  cool_down_ms bigint,
  revision bigint not null unique,
  is_deleted boolean not null,
  actor text not null,
  updated_at timestamptz not null
);

-- For decisions: the domains and the routes at and below a name. A name below another ends like it, so its letters in
-- reverse begin like it.
create index events_by_domain on weir.events ((reverse(payload ->> 'domain') collate "C"))
  where payload ->> 'domain' is not null;
create index events_by_pattern on weir.events ((reverse(payload ->> 'pattern') collate "C"))
  where type in ('route.created', 'route.deleted');

-- For quotas, and for what is free.
create index events_of_allocations on weir.events (org, type) where type in ('port.allocated', 'address.allocated');
create index events_of_addresses on weir.events (stream, stream_version desc)
  where type in ('address.allocated', 'address.released');
create index events_on_address on weir.events ((payload ->> 'address'), stream, stream_version desc)
  where type in ('port.allocated', 'port.released') and payload ->> 'address' is not null;

grant select, insert, update on weir.domains, weir.addresses, weir.address_pool, weir.policies to weir_control;
