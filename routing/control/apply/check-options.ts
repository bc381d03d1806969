import { invalidField, notAllowed } from '../commands/decision.ts';
import type { ApplyOptions, ApplyRefusal } from '../control.ts';
import type { Wanted } from '../wanted.ts';

/** What an apply may not do, whatever the state is. */
export function checkOptions(wanted: readonly Wanted[], options: ApplyOptions): readonly ApplyRefusal[] {
  const { org, isPruning = false, isTrusted = false } = options;
  const refusals: ApplyRefusal[] = [];
  const refuse = (index: number | null, result: ApplyRefusal['result']) => {
    const thing = wanted[index ?? 0]?.kind ?? 'route';
    refusals.push({ index, thing, name: '', result });
  };
  if (isPruning && org === undefined) {
    refuse(null, invalidField('org', 'is required to prune: only what one org has is ever taken away'));
  }
  if (org === undefined) return refusals;
  for (const [index, thing] of wanted.entries()) {
    const of = 'org' in thing.input ? thing.input.org : undefined;
    if (of !== undefined && of !== org) {
      refuse(index, invalidField('org', `is ${of}, and this is applied for ${org}`));
    } else if (!isTrusted && OPERATORS.has(thing.kind)) {
      refuse(
        index,
        notAllowed(`only the operator can define ${WORDS[thing.kind]}; add --trusted where you are`),
      );
    }
  }
  return refusals;
}

const WORDS: Readonly<Partial<Record<Wanted['kind'], string>>> = {
  policy: 'what an org may take',
  'port-pool': 'the port pool',
  'address-pool': 'the address pool',
};

const OPERATORS: ReadonlySet<Wanted['kind']> = new Set(Object.keys(WORDS) as Wanted['kind'][]);
