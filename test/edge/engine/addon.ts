import { build, isFresh, OUTPUT } from '../../../edge/engine/splice/build.mjs';
import { type LoadedAddon, loadAddon } from '../../../edge/engine/splice/load.ts';

/**
 * The addon as its sources are now, built where it has to be. `SPLICE_ADDON` names another one, built otherwise.
 *
 * Unavailable only where it cannot be: without Linux or a C compiler.
 */
export function addonForTests(): LoadedAddon {
  const file = process.env['SPLICE_ADDON'] ?? OUTPUT;
  if (file === OUTPUT && !isFresh()) {
    const reason = build();
    if (reason !== null && !reason.includes('failed')) return { kind: 'unavailable', reason };
    if (reason !== null) throw new Error(reason);
  }
  const addon = loadAddon([file]);
  if (addon.kind === 'unavailable') throw new Error(addon.reason);
  return addon;
}
