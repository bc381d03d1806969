import type { Domain } from '../../model/domain.ts';
import type { Name } from '../../model/name.ts';
import type { Decided } from '../commands/run-command.ts';
import type { FieldProblem } from '../control.ts';
import type { Statements } from '../database.ts';
import type { ControlEvent } from '../events/event.ts';
import type { WantedKind } from '../wanted.ts';

/** One thing that an apply makes so, or takes away. */
export interface ApplyStep {
  readonly kind: WantedKind;
  /** As in `tls www.example.com`. */
  readonly name: string;
  /** Which of the wanted things it is for; null where nothing wants it. */
  readonly index: number | null;
  /** Among those of its kind: less comes first. */
  readonly rank: number;
  /** What its org has to hold; null where it needs no domain. */
  readonly needs: { readonly domain: Domain; readonly org: Name } | null;
  /** The stream that it is about; null where that comes out with the decision. */
  locate(transaction: Statements): Promise<string | null>;
  /** Whether the stream's last event says by itself that it is so already. */
  isSo(last: ControlEvent): boolean;
  decide(transaction: Statements): Promise<Decided>;
}

/** A wanted thing as a step, or what is wrong with it. */
export type ParsedStep =
  | { readonly kind: 'ok'; readonly value: ApplyStep }
  | { readonly kind: 'invalid'; readonly problems: readonly FieldProblem[] };

/** What each kind may need is before it. */
const KINDS: readonly WantedKind[] = [
  'policy',
  'port-pool',
  'address-pool',
  'domain',
  'address',
  'route',
  'port',
  'endpoint',
];

/** The order in which steps are taken; those of one kind and rank stay as they are. */
export function inOrder(steps: readonly ApplyStep[]): readonly ApplyStep[] {
  return KINDS.flatMap((kind) =>
    steps.filter((step) => step.kind === kind).toSorted((one, other) => one.rank - other.rank),
  );
}
