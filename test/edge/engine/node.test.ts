import test from 'ava';
import { createNodeEngine } from '../../../edge/engine/node/engine.ts';
import { endingCases } from './ending-cases.ts';
import { pendingCases } from './pending-cases.ts';
import { proxyCases } from './proxy-cases.ts';
import { relayCases } from './relay-cases.ts';

relayCases(test.serial, 'node', createNodeEngine);
endingCases(test.serial, 'node', createNodeEngine);
proxyCases(test.serial, 'node', createNodeEngine);
pendingCases(test.serial, 'node', createNodeEngine);
