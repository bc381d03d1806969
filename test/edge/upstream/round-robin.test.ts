import test from 'ava';
import { candidates } from '../../../edge/upstream/round-robin.ts';
import type { Endpoint } from '../../../routing/model/endpoint.ts';
import type { TableService } from '../../../routing/table/table.ts';
import { endpointRow } from '../../routing/table/sample-rows.ts';

test('each connection begins with the next endpoint', (t) => {
  const service = serviceOf(3);
  const firsts = Array.from({ length: 7 }, () => candidates(service, 80)[0]?.address);
  t.deepEqual(firsts, ['fd00::1', 'fd00::2', 'fd00::3', 'fd00::1', 'fd00::2', 'fd00::3', 'fd00::1']);
});

test('a connection gets at most three endpoints, each of them once', (t) => {
  const service = serviceOf(5);
  candidates(service, 80);
  candidates(service, 80);
  candidates(service, 80);
  t.deepEqual(candidates(service, 8443), [
    { address: 'fd00::4', port: 8443, service: 'acme/shop/prod/web' },
    { address: 'fd00::5', port: 8443, service: 'acme/shop/prod/web' },
    { address: 'fd00::1', port: 8443, service: 'acme/shop/prod/web' },
  ]);
  t.is(candidates(serviceOf(2), 80).length, 2);
  t.is(candidates(serviceOf(1), 80).length, 1);
});

test('a service without a ready endpoint has no candidate', (t) => {
  t.deepEqual(candidates(serviceOf(0), 80), []);
});

test('the turn survives a list that becomes shorter and longer again', (t) => {
  const service = serviceOf(3);
  candidates(service, 80);
  candidates(service, 80);
  const last = service.ready.splice(1);
  t.is(candidates(service, 80)[0]?.address, 'fd00::1');
  service.ready.push(...last);
  t.is(candidates(service, 80)[0]?.address, 'fd00::2');
  service.ready.splice(0);
  t.deepEqual(candidates(service, 80), []);
});

test('candidates stay what they were when the table changes', (t) => {
  const service = serviceOf(2);
  const chosen = candidates(service, 80);
  service.ready.splice(0);
  t.is(chosen.length, 2);
});

function serviceOf(count: number): TableService & { readonly ready: Endpoint[] } {
  const ready = Array.from({ length: count }, (_, index) => {
    const { value } = endpointRow(`i${index}`, { address: `fd00::${index + 1}` });
    return value as Endpoint;
  });
  return { key: 'acme/shop/prod/web', ready, turn: 0 };
}
