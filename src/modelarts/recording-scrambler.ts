import { createHmac } from 'node:crypto';
import { isIPv4 } from 'node:net';

/** Tries to find a scrambled text that no other text has. */
const mostTries = 64;

/**
 * Replaces ids, names and addresses: one text always by the same other one, of the same length and made of the same
 * kinds of characters, so that whoever decodes it does the same with it. Without the key nobody can undo it or try
 * guesses. Remembers what it replaced.
 */
export class Scrambler {
  readonly #key: Uint8Array;
  readonly #scrambled = new Map<string, string>();
  readonly #taken = new Set<string>();

  /** `key`: random, for one recording only, and written nowhere. */
  constructor(key: Uint8Array) {
    this.#key = key;
  }

  /** The empty text, and 0 (the default workspace, or none), mean something and stay. */
  id(text: string): string {
    if (text === '' || text === '0') return text;
    return this.#replace(text, likeText);
  }

  /** One address, or several with commas between them. */
  addresses(text: string): string {
    return text.replace(/[^\s,]+/g, (one) => this.#replace(one, isIPv4(one) ? likeIPv4 : likeText));
  }

  #replace(text: string, like: (text: string, chance: Chance) => string): string {
    const known = this.#scrambled.get(text);
    if (known !== undefined) return known;
    let scrambled = text;
    for (let tries = 0; tries < mostTries; tries++) {
      scrambled = like(text, chanceOf(this.#key, `${tries}:${text}`));
      if (!this.#taken.has(scrambled)) break;
    }
    // So short that all are taken: longer is better than one name for two.
    while (this.#taken.has(scrambled)) scrambled += 'x';
    this.#taken.add(scrambled);
    this.#scrambled.set(text, scrambled);
    return scrambled;
  }
}

/** A whole number below `n`, from a stream that the key and the text decide. */
type Chance = (n: number) => number;

function chanceOf(key: Uint8Array, text: string): Chance {
  let block = Buffer.alloc(0);
  let blocks = 0;
  let at = 0;
  return (n) => {
    if (at + 2 > block.length) {
      block = createHmac('sha256', key).update(`${blocks++}:${text}`).digest();
      at = 0;
    }
    const value = block.readUInt16BE(at);
    at += 2;
    return value % n;
  };
}

const digits = '0123456789';
const hex = '0123456789abcdef';
const lower = 'abcdefghijklmnopqrstuvwxyz';

function likeText(text: string, chance: Chance): string {
  const pick = (alphabet: string): string => alphabet.charAt(chance(alphabet.length));
  // A number must stay one of as many digits.
  if (/^[1-9]\d*$/.test(text)) return pick('123456789') + [...text.slice(1)].map(() => pick(digits)).join('');
  return text.replace(/[a-z0-9]+|./gsu, (run) => {
    const isHex = /^(?=.*[a-f])[0-9a-f]{4,}$/.test(run);
    return [...run]
      .map((c) => {
        if (isHex) return pick(hex);
        if (/[0-9]/.test(c)) return pick(digits);
        if (/[a-z]/.test(c)) return pick(lower);
        if (/[A-Z]/.test(c)) return pick(lower).toUpperCase();
        // Letters of other scripts; what is below is punctuation, which ids are built with.
        return c > '\u007f' ? String.fromCharCode(0x4e00 + chance(4096)) : c;
      })
      .join('');
  });
}

/** Private, as the addresses of nodes are. */
function likeIPv4(_text: string, chance: Chance): string {
  return `10.${chance(256)}.${chance(256)}.${1 + chance(254)}`;
}
