/** A member's place in a queue. */
export interface Place<Member> {
  readonly member: Member;
  readonly queue: Queue<Member>;
  next: Place<Member> | null;
  previous: Place<Member> | null;
}

/**
 * Members in the order in which they came, each of whom may leave from anywhere, all in constant time. A `Set` has the
 * same order, and gets slow at finding its first member where it is always the first that leaves.
 */
export class Queue<Member> {
  /** What the owner of several queues knows this one by. */
  readonly key: string;
  #first: Place<Member> | null = null;
  #last: Place<Member> | null = null;
  #size = 0;

  constructor(key: string) {
    this.key = key;
  }

  get size(): number {
    return this.#size;
  }

  /** Who has been here longest; null when there is nobody. */
  get first(): Member | null {
    return this.#first?.member ?? null;
  }

  /** Takes `member` as the last. */
  join(member: Member): Place<Member> {
    const place: Place<Member> = { member, queue: this, next: null, previous: this.#last };
    if (this.#last === null) this.#first = place;
    else this.#last.next = place;
    this.#last = place;
    this.#size += 1;
    return place;
  }

  /** `place` is one that `join` gave and that was not left yet. */
  leave(place: Place<Member>): void {
    if (place.previous === null) this.#first = place.next;
    else place.previous.next = place.next;
    if (place.next === null) this.#last = place.previous;
    else place.next.previous = place.previous;
    this.#size -= 1;
  }
}
