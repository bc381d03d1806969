import { once } from 'node:events';
import net from 'node:net';
import test from 'ava';
import {
  DatabaseError,
  toDatabaseError,
  urlWithoutPassword,
} from '../../../routing/control/database-error.ts';
import { migrate } from '../../../routing/control/migrate.ts';
import { openControl } from '../../../routing/control/open-control.ts';
import { startTestPostgres } from '../../support/postgres.ts';
import { pool } from './fixture.ts';

const postgres = await startTestPostgres({ after: (stop) => test.after.always(stop) });

function change(url: string, parts: Partial<URL>): string {
  return Object.assign(new URL(url), parts).href;
}

test('tells wrong credentials from a database that is not there', async (t) => {
  const { controlUrl } = await postgres.createDatabase();
  const cases = [
    [change(controlUrl, { password: 'sesame' }), 'credentials'],
    [change(controlUrl, { username: 'mallory' }), 'credentials'],
    [change(controlUrl, { password: '' }), 'credentials'],
    [change(controlUrl, { port: '1' }), 'unavailable'],
    [change(controlUrl, { hostname: 'no-such-host.invalid' }), 'unavailable'],
    [change(controlUrl, { pathname: '/no_such_database' }), 'unavailable'],
  ] as const;
  for (const [url, code] of cases) {
    const error = await t.throwsAsync(openControl({ url }), { instanceOf: DatabaseError, code }, url);
    t.notRegex(error?.message ?? '', /sesame/);
    await t.throwsAsync(migrate(url), { instanceOf: DatabaseError, code }, url);
  }
});

test('gives up on a server that accepts and says nothing', async (t) => {
  const silent = net.createServer((socket) => socket.on('error', () => {})).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  t.teardown(() => silent.close());
  const address = silent.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const opening = openControl({ url: `postgres://u:p@127.0.0.1:${port}/db`, connectTimeoutMs: 100 });
  await t.throwsAsync(opening, { code: 'unavailable' });
});

test('gives up on a statement that takes too long, and goes on with the next', async (t) => {
  const database = pool(t, await postgres.createDatabase(), 100);
  const sleeping = database.transaction(async (transaction) => {
    await transaction.query('select pg_sleep(60)');
    return { end: 'commit', value: null };
  });
  await t.throwsAsync(sleeping, { code: 'unavailable' });
  t.deepEqual(await database.query('select 1 as one'), [{ one: 1 }]);
});

test('survives a connection that is cut while it is idle, and one inside of a transaction', async (t) => {
  const database = pool(t, await postgres.createDatabase());
  const [idle] = await database.query<{ pid: number }>('select pg_backend_pid() as pid');
  const cutting = database.transaction(async (transaction) => {
    await transaction.query('select pg_terminate_backend(pg_backend_pid())');
    return { end: 'commit', value: null };
  });
  await t.throwsAsync(cutting, { code: 'unavailable' });
  const [next] = await database.query<{ pid: number }>('select pg_backend_pid() as pid');
  t.not(next?.pid, idle?.pid);
});

test('says what a role may not do', async (t) => {
  const { edgeUrl } = await postgres.createDatabase();
  const control = await openControl({ url: edgeUrl });
  t.teardown(() => control.close());
  const listing = control.listRoutes({});
  await t.throwsAsync(listing, { code: 'permission', message: /weir_control/ });
});

test('shows a URL without its passwords', (t) => {
  t.is(
    urlWithoutPassword('postgres://ada:sesame@db.example:5432/weir'),
    'postgres://ada@db.example:5432/weir',
  );
  t.is(urlWithoutPassword('postgres://db/weir?user=a&password=sesame'), 'postgres://db/weir?user=a');
  t.notRegex(urlWithoutPassword('not a url with sesame'), /sesame/);
});

test('takes over what is a database error already', (t) => {
  const error = new DatabaseError('no-schema', 'none');
  t.is(toDatabaseError(error), error);
  t.is(toDatabaseError(new AggregateError([new Error('a'), new Error('b')])).code, 'unavailable');
  t.regex(toDatabaseError(new AggregateError([new Error('a'), new Error('b')])).message, /a; b/);
});
