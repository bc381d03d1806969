import type { Random } from './random.ts';

/** A parser of all first bytes so far. `since` is an earlier `incomplete` answer for a prefix of them. */
export type PeekParser<Peek extends { readonly kind: string }> = (bytes: Uint8Array, since?: Peek) => Peek;

const GUARD_BYTES = 64;
const GUARDS = [0x00, 0xff, 0x16] as const;

/** Each byte may be looked at so often, and so often again for every call that sees it. */
const LOOKS_AT_BYTE = 40;

/**
 * What must hold of a parser of first bytes, whatever they are: it reads and writes nothing outside of them, takes the
 * same bytes in the same way whatever stands around them, and no answer but `incomplete` changes with more bytes,
 * however they come. Answers what it says to all of them.
 */
export function checkPeek<Peek extends { readonly kind: string }>(
  peek: PeekParser<Peek>,
  input: Uint8Array,
  random: Random,
): Peek {
  const answer = answerWithGuards(peek, input);
  const first = random.below(input.length + 1);
  checkSteps(peek, { input, answer, cuts: [first, first + random.below(input.length - first + 1)] });
  if (input.length < 2048 && random.oneIn(256)) {
    checkSteps(peek, { input, answer, cuts: Array.from({ length: input.length }, (_, at) => at) });
  }
  if (input.length < 2048 && random.oneIn(256)) checkLooks(peek, input);
  return answer;
}

/** In the middle of a larger buffer, with other bytes around it each time. */
function answerWithGuards<Peek extends { readonly kind: string }>(
  peek: PeekParser<Peek>,
  input: Uint8Array,
): Peek {
  const answers = GUARDS.map((guard) => {
    const buffer = Buffer.alloc(input.length + 2 * GUARD_BYTES, guard);
    buffer.set(input, GUARD_BYTES);
    const before = Buffer.from(buffer);
    const answer = peek(buffer.subarray(GUARD_BYTES, GUARD_BYTES + input.length));
    if (!buffer.equals(before)) throw new Error('it wrote to its input or around it');
    buffer.fill(guard ^ 0xff);
    return answer;
  });
  const [answer, ...others] = answers;
  if (answer === undefined) throw new Error('there is no answer');
  for (const other of others) expectSame(other, answer, 'what stands around the bytes makes a difference');
  return answer;
}

interface Steps<Peek> {
  readonly input: Uint8Array;
  readonly answer: Peek;
  /** Ascending. */
  readonly cuts: readonly number[];
}

function checkSteps<Peek extends { readonly kind: string }>(
  peek: PeekParser<Peek>,
  { input, answer, cuts }: Steps<Peek>,
): void {
  let since: Peek | undefined;
  for (const cut of cuts) {
    const part = input.subarray(0, cut);
    const plain = peek(part);
    if (plain.kind !== 'incomplete') {
      expectSame(plain, answer, `${cut} of ${input.length} bytes are answered otherwise than all`);
      return;
    }
    if (since !== undefined) expectSame(peek(part, since), plain, `it matters what came before ${cut} bytes`);
    since = plain;
  }
  if (since !== undefined) expectSame(peek(input, since), answer, 'it matters how the bytes came');
}

/** Counts what is read of the bytes, and throws for what is read outside of them. */
function checkLooks<Peek extends { readonly kind: string }>(peek: PeekParser<Peek>, input: Uint8Array): void {
  let looks = 0;
  const watched = new Proxy(new Uint8Array(input), {
    get(target, key) {
      if (typeof key === 'string' && /^-?\d+$/.test(key)) {
        looks += 1;
        // One past the end answers undefined, which is how a parser may find the end.
        if (Number(key) < 0 || Number(key) > target.length)
          throw new Error(`it read at ${key} of ${target.length}`);
      }
      const value = Reflect.get(target, key);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  peek(watched);
  if (looks > LOOKS_AT_BYTE * (input.length + 64))
    throw new Error(`it looked ${looks} times at ${input.length} bytes`);
}

function expectSame(one: unknown, other: unknown, problem: string): void {
  const [first, second] = [JSON.stringify(one), JSON.stringify(other)];
  if (first !== second) throw new Error(`${problem}: ${first} and ${second}`);
}
