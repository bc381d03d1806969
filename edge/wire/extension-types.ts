import { isGrease } from './grease.ts';

const ALL_TYPES = 1 << 16;

/** More types than so many that no client is known to send are nothing to be searched one by one. */
const MAX_FEW = 16;

/** The types that a hello has shown so far. The ones that clients send take no memory beyond the object itself. */
export class ExtensionTypes {
  #upTo31 = 0; // a bit for each
  #upTo63 = 0;
  #others = 0;
  /** What clients may send that are newer than the list below. */
  #few: number[] | null = null;
  /** A bit for every type, once those are too many: a hostile hello may have thousands. */
  #many: Uint32Array | null = null;

  /** Answers false for a type that is there already. */
  add(type: number): boolean {
    const bit = 1 << (type & 31);
    if (type < 32) {
      const isNew = (this.#upTo31 & bit) === 0;
      this.#upTo31 |= bit;
      return isNew;
    }
    if (type < 64) {
      const isNew = (this.#upTo63 & bit) === 0;
      this.#upTo63 |= bit;
      return isNew;
    }
    const place = placeOf(type);
    if (place < 0) return this.#addUnusual(type);
    const isNew = (this.#others & (1 << place)) === 0;
    this.#others |= 1 << place;
    return isNew;
  }

  #addUnusual(type: number): boolean {
    if (this.#many !== null) return this.#addToMany(this.#many, type);
    this.#few ??= [];
    if (this.#few.includes(type)) return false;
    this.#few.push(type);
    if (this.#few.length > MAX_FEW) {
      this.#many = new Uint32Array(ALL_TYPES / 32);
      for (const each of this.#few) this.#addToMany(this.#many, each);
    }
    return true;
  }

  #addToMany(many: Uint32Array, type: number): boolean {
    const bit = 1 << (type & 31);
    const seen = many[type >> 5] ?? 0;
    many[type >> 5] = seen | bit;
    return (seen & bit) === 0;
  }
}

/** One of 32 places for a type from 64 on that clients send; -1 for any other. */
function placeOf(type: number): number {
  if (isGrease(type)) return type >> 12;
  switch (type) {
    case 0xff01: // renegotiation_info
      return 16;
    case 0xfe0d: // encrypted_client_hello
      return 17;
    case 0x4469: // application_settings, as drafted first
      return 18;
    case 0x44cd: // application_settings
      return 19;
    case 0x3374: // next_protocol_negotiation
      return 20;
    case 0x7550: // channel_id
      return 21;
    case 0xca34: // trust_anchors
      return 22;
    default:
      return -1;
  }
}
