import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import test from 'ava';
import {
  createTxtLookup,
  parseResolvers,
  type TxtAnswer,
  type TxtLookupOptions,
} from '../../../../routing/control/ownership/txt-lookup.ts';
import { parseHostname } from '../../../../routing/model/hostname.ts';
import { TestDnsServer } from '../../../support/dns-server.ts';
import { testScope } from '../../../support/scope.ts';

const NAME = '_weir-challenge.example.test';

test('every TXT record is a value, its strings joined', async (t) => {
  const server = await TestDnsServer.start(testScope(t));
  server.set(NAME, {
    kind: 'records',
    records: [
      { type: 'TXT', strings: ['weir-verify=', 'abc'] },
      { type: 'TXT', strings: ['another'] },
      { type: 'A', address: '192.0.2.1' },
    ],
  });
  t.deepEqual(sorted(await ask(server)), { kind: 'found', values: ['another', 'weir-verify=abc'] });
});

test('an alias is followed', async (t) => {
  const server = await TestDnsServer.start(testScope(t));
  server.set(NAME, { kind: 'records', records: [{ type: 'CNAME', target: 'proofs.provider.test' }] });
  server.setTxt('proofs.provider.test', 'weir-verify=abc');
  t.deepEqual(await ask(server), { kind: 'found', values: ['weir-verify=abc'] });
  t.deepEqual(
    server.queries.map(({ name, type }) => `${name} ${type}`),
    [`${NAME} TXT`],
  );
});

test('an answer that is too long for UDP is fetched over TCP', async (t) => {
  const server = await TestDnsServer.start(testScope(t));
  const strings = Array.from({ length: 20 }, () => 'x'.repeat(250));
  server.set(NAME, {
    kind: 'records',
    records: [{ type: 'TXT', strings: ['weir-verify=abc'] }, ...strings.map(txt)],
  });
  const answer = await ask(server);
  t.true(answer.kind === 'found' && answer.values.includes('weir-verify=abc'));
  t.deepEqual(transports(server), ['udp', 'tcp']);

  server.set(NAME, { kind: 'records', records: [txt('short')], isTruncated: true });
  t.deepEqual(await ask(server), { kind: 'found', values: ['short'] });
  t.deepEqual(transports(server), ['udp', 'tcp', 'udp', 'tcp']);
});

test('a name that does not exist and one without TXT records are absent', async (t) => {
  const server = await TestDnsServer.start(testScope(t));
  t.deepEqual(await ask(server), { kind: 'absent' });
  server.set(NAME, { kind: 'records', records: [{ type: 'A', address: '192.0.2.1' }] });
  t.deepEqual(await ask(server), { kind: 'absent' });
  server.set(NAME, { kind: 'records', records: [{ type: 'CNAME', target: 'nowhere.test' }] });
  t.deepEqual(await ask(server), { kind: 'absent' });
});

test('each look-up asks anew: a record that was added is seen', async (t) => {
  const server = await TestDnsServer.start(testScope(t));
  const lookUp = createTxtLookup(options(server));
  t.is((await lookUp(hostname(NAME))).kind, 'absent');
  server.setTxt(NAME, 'now');
  t.deepEqual(await lookUp(hostname(NAME)), { kind: 'found', values: ['now'] });
  server.setTxt(NAME, 'later');
  t.deepEqual(await lookUp(hostname(NAME)), { kind: 'found', values: ['later'] });
});

test('what a resolver does wrong is said with the name of the resolver', async (t) => {
  const server = await TestDnsServer.start(testScope(t));
  const problems: string[] = [];
  for (const code of ['SERVFAIL', 'REFUSED', 'NOTIMP'] as const) {
    server.set(NAME, { kind: 'error', code });
    problems.push(problemOf(await ask(server)));
  }
  server.set(NAME, { kind: 'garbage' });
  problems.push(problemOf(await ask(server)));
  const expected = [/\(SERVFAIL\)/, /\(REFUSED\)/, /\(ENOTIMP\)/, /what is no answer|did not answer within/];
  for (const [at, problem] of problems.entries()) {
    t.true(problem.startsWith(`the resolver ${server.address} `), problem);
    t.regex(problem, expected[at] ?? /^$/);
  }
});

test('a silent resolver is waited for until the deadline, and no longer', async (t) => {
  const server = await TestDnsServer.start(testScope(t));
  server.set(NAME, { kind: 'silence' });
  const started = performance.now();
  const answer = await ask(server, { timeoutMs: 300, tries: 5 });
  const tookMs = performance.now() - started;
  t.is(problemOf(answer), `the resolver ${server.address} did not answer within 300 ms`);
  t.true(tookMs < 2_000, `${tookMs} ms`);
});

test('an answer after the deadline is too late', async (t) => {
  const server = await TestDnsServer.start(testScope(t));
  server.set(NAME, { kind: 'records', records: [txt('late')], delayMs: 30_000 });
  t.regex(problemOf(await ask(server, { timeoutMs: 100, tries: 1 })), /within 100 ms$/);
});

test('the next resolver is asked where one is silent, fails or is not there', async (t) => {
  const bad = await TestDnsServer.start(testScope(t));
  const good = await TestDnsServer.start(testScope(t));
  good.setTxt(NAME, 'yes');
  const servers = [bad.address, good.address];
  for (const kind of ['silence', 'garbage'] as const) {
    bad.set(NAME, { kind });
    t.deepEqual(await ask(bad, { servers, timeoutMs: 4_000, tries: 1 }), { kind: 'found', values: ['yes'] });
  }
  bad.set(NAME, { kind: 'error', code: 'SERVFAIL' });
  t.deepEqual(await ask(bad, { servers }), { kind: 'found', values: ['yes'] });

  const gone = ['127.0.0.1:1', good.address];
  t.deepEqual(await ask(bad, { servers: gone }), { kind: 'found', values: ['yes'] });
});

test('where no resolver can say what each of them did is said', async (t) => {
  const server = await TestDnsServer.start(testScope(t));
  server.set(NAME, { kind: 'error', code: 'SERVFAIL' });
  const answer = await ask(server, { servers: ['127.0.0.1:1', server.address] });
  const [first, second] = problemOf(answer).split('; ');
  t.is(first, 'the resolver 127.0.0.1:1 cannot be reached');
  t.true(second?.startsWith(`the resolver ${server.address} could not look the name up (SERVFAIL)`), second);
});

test('many look-ups at once have a deadline each', async (t) => {
  const server = await TestDnsServer.start(testScope(t));
  server.set('silent.test', { kind: 'silence' });
  const lookUp = createTxtLookup(options(server, { timeoutMs: 400 }));
  const names = Array.from({ length: 50 }, (_, at) => `n${at}.test`);
  for (const name of names) server.set(name, { kind: 'records', records: [txt(name)], delayMs: 20 });
  const silent = lookUp(hostname('silent.test'));
  const answers = await Promise.all(names.map((name) => lookUp(hostname(name))));
  t.deepEqual(
    answers,
    names.map((name) => ({ kind: 'found', values: [name] })),
  );
  t.is((await silent).kind, 'failed');
});

test('what a stranger wrote is bounded and cannot drive a terminal', async (t) => {
  const server = await TestDnsServer.start(testScope(t));
  const long = Array.from({ length: 10 }, () => 'y'.repeat(255));
  server.set(NAME, {
    kind: 'records',
    records: [
      { type: 'TXT', strings: ['\u001b[2Jred\n', '\0'] },
      { type: 'TXT', strings: long },
    ],
  });
  const answer = await ask(server);
  if (answer.kind !== 'found') return t.fail();
  t.true(answer.values.includes('\u{fffd}[2Jred\u{fffd}\u{fffd}'));
  t.deepEqual(
    answer.values.map(({ length }) => length).toSorted((one, other) => one - other),
    [9, 513],
  );

  server.setTxt(NAME, ...Array.from({ length: 500 }, (_, at) => `v${at}`));
  const many = await ask(server);
  t.is(many.kind === 'found' && many.values.length, 64);
});

test('the process can end as soon as the answer is there', async (t) => {
  const server = await TestDnsServer.start(testScope(t));
  server.set(NAME, { kind: 'silence' });
  const module = join(import.meta.dirname, '../../../../routing/control/ownership/txt-lookup.ts');
  const program = `
    const { createTxtLookup } = await import(${JSON.stringify(module)});
    const lookUp = createTxtLookup({ servers: ['${server.address}'], timeoutMs: 200, tries: 3 });
    const answer = await lookUp('${NAME}');
    const at = performance.now();
    process.on('exit', () => console.log(answer.kind, performance.now() - at < 500));`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program]);
  t.is(stdout, 'failed true\n');
});

test("the system's resolvers are asked where none are named", async (t) => {
  const answer = await createTxtLookup({ servers: null, timeoutMs: 1, tries: 1 })(hostname('a.invalid'));
  if (answer.kind === 'failed') t.regex(answer.problem, /^the resolver .* \(the system's\) /);
  else t.is(answer.kind, 'absent');
});

test('a look-up without a resolver is a mistake of its maker', (t) => {
  for (const servers of [[], ['dns.example.com']]) {
    t.throws(() => createTxtLookup({ servers, timeoutMs: 1000, tries: 2 }));
  }
});

test('what parseResolvers gives is what a look-up takes', async (t) => {
  const parsed = parseResolvers('1.1.1.1,[2606:4700::1111]:54,::1');
  if (parsed.kind === 'invalid') return t.fail();
  t.notThrows(() => createTxtLookup({ servers: parsed.value, timeoutMs: 1000, tries: 2 }));
});

function ask(server: TestDnsServer, more: Partial<TxtLookupOptions> = {}): Promise<TxtAnswer> {
  return createTxtLookup(options(server, more))(hostname(NAME));
}

function options(server: TestDnsServer, more: Partial<TxtLookupOptions> = {}): TxtLookupOptions {
  return { servers: [server.address], timeoutMs: 2_000, tries: 2, ...more };
}

function txt(value: string) {
  return { type: 'TXT' as const, strings: [value] };
}

function transports(server: TestDnsServer): readonly string[] {
  return server.queries.map(({ transport }) => transport);
}

function sorted(answer: TxtAnswer): TxtAnswer {
  return answer.kind === 'found' ? { ...answer, values: answer.values.toSorted() } : answer;
}

function problemOf(answer: TxtAnswer): string {
  return answer.kind === 'failed' ? answer.problem : `not failed: ${JSON.stringify(answer)}`;
}

function hostname(text: string) {
  const parsed = parseHostname(text);
  if (parsed.kind === 'invalid') throw new Error(`${text} ${parsed.problem}`);
  return parsed.value;
}
