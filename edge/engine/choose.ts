import type { Config } from '../../config/config.ts';
import type { CreateEngine, Engine } from './contract.ts';
import { createNodeEngine } from './node/engine.ts';
import { createSpliceEngine } from './splice/engine.ts';
import { type LoadedAddon, loadAddon } from './splice/load.ts';

export type ChosenEngine =
  | {
      readonly kind: 'chosen';
      readonly name: Engine['name'];
      readonly create: CreateEngine;
      /** Why it is not the faster one, which was asked for if it works; else null. */
      readonly shortcoming: string | null;
    }
  | { readonly kind: 'unavailable'; readonly reason: string };

/** The engine that a configuration amounts to on this machine. Loads the addon where that is the one. */
export function chooseEngine(
  wanted: Config['engine'],
  load: () => LoadedAddon = () => loadAddon(),
): ChosenEngine {
  if (wanted === 'node') return node(null);
  const addon = load();
  if (addon.kind === 'loaded') {
    return { kind: 'chosen', name: 'splice', create: createSpliceEngine(addon.native), shortcoming: null };
  }
  if (wanted === 'auto') return node(addon.reason);
  return { kind: 'unavailable', reason: `the splice engine cannot run here: ${addon.reason}` };
}

function node(shortcoming: string | null): ChosenEngine {
  return { kind: 'chosen', name: 'node', create: createNodeEngine, shortcoming };
}
