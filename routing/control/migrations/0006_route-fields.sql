-- Up Migration

-- The TLVs that a PROXY header has, and the protocol that a route asks for: with one it is a route of its own, for the
-- clients that offer this protocol. Until now every header had the two TLVs that are set here, which is also what the
-- events of these rows are taken to say.
alter table weir.routes
  add column alpn text check (alpn is null or listener = 'tls'),
  add column proxy_tlvs text[] not null default '{}'
    check (proxy_tlvs <@ array['alpn', 'unique-id', 'crc32c', 'org', 'app', 'env']);
update weir.routes set proxy_tlvs = '{alpn,crc32c}' where proxy_protocol = 'v2';
alter table weir.routes alter column proxy_tlvs drop default;

alter table weir.ports
  add column proxy_tlvs text[] not null default '{}'
    check (proxy_tlvs <@ array['alpn', 'unique-id', 'crc32c', 'org', 'app', 'env']);
update weir.ports set proxy_tlvs = '{alpn,crc32c}' where proxy_protocol = 'v2';
alter table weir.ports alter column proxy_tlvs drop default;

create or replace view weir.changes (revision, kind, key, body) as
  select revision, 'route'::text, key,
    case when not is_deleted then jsonb_build_object(
      'listener', listener, 'pattern', hostname, 'alpn', alpn, 'service', service, 'backendPort', backend_port,
      'weight', weight, 'others', others, 'proxyProtocol', proxy_protocol, 'proxyTlvs', proxy_tlvs,
      'redirectToHttps', redirect_to_https) end
  from weir.routes
  union all
  select revision, 'port'::text, key,
    case when not is_deleted then jsonb_build_object(
      'address', address, 'port', port, 'service', service, 'backendPort', backend_port, 'weight', weight, 'others', others,
      'proxyProtocol', proxy_protocol, 'proxyTlvs', proxy_tlvs) end
  from weir.ports
  union all
  select revision, 'endpoint'::text, key,
    case when not is_deleted then jsonb_build_object(
      'service', service, 'instance', instance, 'address', address, 'isReady', is_ready) end
  from weir.endpoints;
