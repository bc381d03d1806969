-- Up Migration

-- The last revision that was given out, and the one up to which tombstones have been removed: an edge that knows less
-- than `compacted_to` cannot catch up by deltas. `history` tells this line of revisions from that of any other database,
-- whose numbers say nothing about the rows here.
create table weir.head (
  is_only_row boolean primary key default true check (is_only_row),
  history uuid not null default gen_random_uuid(),
  revision bigint not null default 0,
  compacted_to bigint not null default 0,
  check (compacted_to <= revision)
);
insert into weir.head default values;

-- Which event became which revision. The order of projection is not the order of `seq`, so it is recorded: that makes
-- projecting twice impossible, and a rebuild come to the same revisions.
create table weir.projected_events (
  seq bigint primary key,
  revision bigint not null unique
);

-- Events that could not be projected, with the reason. The projector goes on without them.
create table weir.failed_events (
  seq bigint primary key,
  error text not null,
  failed_at timestamptz not null default clock_timestamp()
);

-- What follows is derived from the log: no foreign keys, which would only cost, and no value that the log does not have.

-- Every service that a route, a port or an endpoint has named. Its revision is that of the first, which may have named
-- several.
create table weir.services (
  key text primary key,
  org text not null,
  app text not null,
  env text not null,
  process text not null,
  revision bigint not null,
  is_deleted boolean not null default false
);

-- `others` are the backends beside the first, as the model has them: [{service, backendPort, weight}].
create table weir.routes (
  key text primary key,
  listener text not null check (listener in ('tls', 'http')),
  hostname text not null,
  service text not null,
  backend_port integer not null check (backend_port between 1 and 65535),
  weight integer not null check (weight between 0 and 1000000),
  others jsonb not null check (jsonb_typeof(others) = 'array'),
  proxy_protocol text not null check (proxy_protocol in ('none', 'v2')),
  redirect_to_https boolean not null,
  revision bigint not null unique,
  is_deleted boolean not null,
  actor text not null,
  created_at timestamptz not null,
  updated_at timestamptz not null
);
create index routes_by_service on weir.routes (service);

-- Without an `address` it is a port of the addresses that all orgs share.
create table weir.ports (
  key text primary key,
  address text,
  port integer not null check (port between 1 and 65535),
  service text not null,
  backend_port integer not null check (backend_port between 1 and 65535),
  weight integer not null check (weight between 0 and 1000000),
  others jsonb not null check (jsonb_typeof(others) = 'array'),
  proxy_protocol text not null check (proxy_protocol in ('none', 'v2')),
  revision bigint not null unique,
  is_deleted boolean not null,
  actor text not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  unique nulls not distinct (port, address)
);
create index ports_by_service on weir.ports (service);

create table weir.endpoints (
  key text primary key,
  service text not null,
  instance text not null,
  address text not null,
  is_ready boolean not null,
  revision bigint not null unique,
  is_deleted boolean not null,
  actor text not null,
  updated_at timestamptz not null
);
create index endpoints_by_service on weir.endpoints (service);

-- The raw TCP ports that may be allocated.
create table weir.port_pool (
  key text primary key check (key = 'port-pool'),
  first_port integer not null check (first_port between 1 and 65535),
  last_port integer not null check (last_port between first_port and 65535),
  revision bigint not null unique,
  is_deleted boolean not null,
  actor text not null,
  updated_at timestamptz not null
);

-- For compaction, which looks for old tombstones.
create index routes_gone on weir.routes (updated_at) where is_deleted;
create index ports_gone on weir.ports (updated_at) where is_deleted;
create index endpoints_gone on weir.endpoints (updated_at) where is_deleted;

-- Edges learn of a removal by its tombstone, so a row that is there is never taken away under them, by nobody.
create function weir.refuse_removal() returns trigger language plpgsql as $$
begin
  raise exception 'weir.% has the row %, which is not a tombstone: delete is refused', tg_table_name, old.key
    using errcode = 'insufficient_privilege',
          hint = 'Set is_deleted and a new revision; compaction removes the row later.';
end
$$;

create trigger only_tombstones_are_removed before delete on weir.services
  for each row when (not old.is_deleted) execute function weir.refuse_removal();
create trigger only_tombstones_are_removed before delete on weir.routes
  for each row when (not old.is_deleted) execute function weir.refuse_removal();
create trigger only_tombstones_are_removed before delete on weir.ports
  for each row when (not old.is_deleted) execute function weir.refuse_removal();
create trigger only_tombstones_are_removed before delete on weir.endpoints
  for each row when (not old.is_deleted) execute function weir.refuse_removal();

-- What an edge reads. `body` is the value of routing/model as JSON, null where it is gone. Each branch walks its own
-- index on revision, so `where revision > $1 order by revision limit n` costs n, whatever the size of the tables.
create view weir.changes (revision, kind, key, body) as
  select revision, 'route'::text, key,
    case when not is_deleted then jsonb_build_object(
      'listener', listener, 'pattern', hostname, 'service', service, 'backendPort', backend_port,
      'weight', weight, 'others', others, 'proxyProtocol', proxy_protocol, 'redirectToHttps', redirect_to_https) end
  from weir.routes
  union all
  select revision, 'port'::text, key,
    case when not is_deleted then jsonb_build_object(
      'address', address, 'port', port, 'service', service, 'backendPort', backend_port, 'weight', weight, 'others', others,
      'proxyProtocol', proxy_protocol) end
  from weir.ports
  union all
  select revision, 'endpoint'::text, key,
    case when not is_deleted then jsonb_build_object(
      'service', service, 'instance', instance, 'address', address, 'isReady', is_ready) end
  from weir.endpoints;

grant select on weir.changes to weir_control, weir_edge;
grant select on weir.head to weir_control, weir_edge;
grant update (revision, compacted_to) on weir.head to weir_control;
grant select, insert on weir.projected_events, weir.failed_events to weir_control;
-- What was set aside and has been retried is set aside no longer.
grant delete on weir.failed_events to weir_control;
grant select, insert, update on weir.services, weir.routes, weir.ports, weir.endpoints, weir.port_pool to weir_control;
grant delete on weir.services, weir.routes, weir.ports, weir.endpoints to weir_control;
