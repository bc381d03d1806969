import test from 'ava';
import { createSpliceEngine } from '../../../edge/engine/splice/engine.ts';
import { addonForTests } from './addon.ts';
import { endingCases } from './ending-cases.ts';
import { pendingCases } from './pending-cases.ts';
import { proxyCases } from './proxy-cases.ts';
import { relayCases } from './relay-cases.ts';

const addon = addonForTests();

if (addon.kind === 'loaded') {
  const create = createSpliceEngine(addon.native);
  relayCases(test.serial, 'splice', create);
  endingCases(test.serial, 'splice', create);
  pendingCases(test.serial, 'splice', create);
  proxyCases(test.serial, 'splice', create);
} else {
  test(`the splice engine is not tested, since ${addon.reason}`, (t) => t.pass());
}
