import { rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { chooseEngine } from '../../../edge/engine/choose.ts';
import { loadAddon } from '../../../edge/engine/splice/load.ts';
import { addonForTests } from './addon.ts';

const addon = addonForTests();
const unavailable = () => ({ kind: 'unavailable', reason: 'it is not there' }) as const;

test('auto takes splice where it loads, and node where it does not, with the reason', (t) => {
  t.like(
    chooseEngine('auto', () => addon),
    addon.kind === 'loaded' ? { name: 'splice', shortcoming: null } : { name: 'node' },
  );
  t.like(chooseEngine('auto', unavailable), { name: 'node', shortcoming: 'it is not there' });
});

test('splice where it cannot load is no engine at all', (t) => {
  t.deepEqual(chooseEngine('splice', unavailable), {
    kind: 'unavailable',
    reason: 'the splice engine cannot run here: it is not there',
  });
});

test('node loads nothing', (t) => {
  const chosen = chooseEngine('node', () => t.fail() as never);
  t.like(chosen, { name: 'node', shortcoming: null });
});

test('an addon that does not load, or is of another version, is passed over for the next one', (t) => {
  const broken = join(tmpdir(), `weir-${process.pid}.node`);
  const outdated = join(tmpdir(), `weir-${process.pid}.cjs`);
  t.teardown(() => [broken, outdated].forEach((file) => void rmSync(file)));
  writeFileSync(broken, 'no addon');
  writeFileSync(outdated, 'exports.protocol = 0;');
  t.like(loadAddon([]), { kind: 'unavailable' });
  const { reason = '' } = { ...loadAddon([broken]) } as { reason?: string };
  t.true(reason.startsWith(`${broken} cannot be loaded`), reason);
  t.like(loadAddon([broken, outdated]), {
    reason: `${outdated} was built for another version of weir: run "npm run build:addon"`,
  });
});
