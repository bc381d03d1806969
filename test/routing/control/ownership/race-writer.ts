import { openDatabase } from '../../../../routing/control/database.ts';
import { openControl } from '../../../../routing/control/open-control.ts';
import type { TxtLookup } from '../../../../routing/control/ownership/txt-lookup.ts';
import { type Answer, type Command, carryOut } from './carry-out.ts';

/** Makes moves on a control plane of its own, whoever else does at the same time. */
export interface Writer {
  /** Answers with the error's text where the control plane throws. */
  make(move: Command): Promise<Answer | { readonly kind: 'error'; readonly message: string }>;
  close(): Promise<void>;
}

/** A writer of this process. Every claim's record is there. */
export async function openWriter(url: string): Promise<Writer> {
  const zone = openDatabase({ url, name: 'zone' });
  const lookUpTxt: TxtLookup = async (name) => {
    const rows = await zone.query<{ value: string }>(
      `select 'weir-verify=' || token as value from weir.domains where '_weir-challenge.' || domain = $1`,
      [name],
    );
    return { kind: 'found', values: rows.map(({ value }) => value) };
  };
  const control = await openControl({ url, lookUpTxt });
  return {
    make: (move) =>
      carryOut(control, move, {}).catch((error: unknown) => ({
        kind: 'error' as const,
        message: String(error),
      })),
    async close() {
      await control.close();
      await zone.close();
    },
  };
}
