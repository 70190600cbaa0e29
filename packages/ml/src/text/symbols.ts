import { InputError } from '../base/errors.ts';
import { compareCodePoints } from '../data/labels.ts';

/** A document as numbers, cut into parts that no gram crosses: `bounds` are pairs of start and end. */
export interface Symbols {
  readonly symbols: Int32Array;
  readonly bounds: readonly number[];
}

/** How documents become symbols, and grams of symbols become terms again. */
export interface Alphabet {
  /** With `learn` new symbols are taken in; without, they become -1. */
  read(document: string, learn: boolean): Symbols;
  write(symbols: readonly number[]): string;
  /** Where symbols are in the order of what they stand for. */
  ranks(): (symbol: number) => number;
  /** Symbols of a term. */
  parse(term: string): number[];
}

/** White space of Python's `\s`, where it differs from JavaScript's too. */
const SPACE = '\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000';
const SPACES = new RegExp(`[${SPACE}]{2,}`, 'g');
const WORDS = new RegExp(`[^${SPACE}]+`, 'g');

/** Characters, by code points. Of words: each between blanks, so that no gram crosses from one to the next. */
export function characters(prepare: (document: string) => string, withinWords: boolean): Alphabet {
  let buffer = new Int32Array(1 << 12);
  return {
    read(document) {
      const text = prepare(document).replace(SPACES, ' ');
      const padded = withinWords ? (text.match(WORDS) ?? []).map((word) => ` ${word} `) : [text];
      const longest = padded.reduce((sum, part) => sum + part.length, 0);
      if (longest > buffer.length) buffer = new Int32Array(longest * 2);
      const bounds: number[] = [];
      let at = 0;
      for (const part of padded) {
        bounds.push(at);
        for (let i = 0; i < part.length; i += 1) {
          let code = part.charCodeAt(i);
          if (code >= 0xd800 && code < 0xdc00) {
            code = part.codePointAt(i) as number;
            if (code > 0xffff) i += 1;
          }
          buffer[at] = code;
          at += 1;
        }
        bounds.push(at);
      }
      return { symbols: buffer, bounds };
    },
    write: (symbols) => String.fromCodePoint(...symbols),
    ranks: () => (symbol) => symbol,
    parse: (term) => Array.from(term, (each) => each.codePointAt(0) as number),
  };
}

/** Words, numbered as they come. */
export function words(tokens: (document: string) => readonly string[], isSingle: boolean): Alphabet {
  const numbers = new Map<string, number>();
  const list: string[] = [];
  const numberOf = (word: string): number => {
    let number = numbers.get(word);
    if (number === undefined) {
      if (!isSingle && word.includes(' ')) {
        throw new InputError(`words of n-grams cannot hold blanks, which stand between them. Got '${word}'.`);
      }
      number = list.length;
      numbers.set(word, number);
      list.push(word);
    }
    return number;
  };
  return {
    read(document, learn) {
      const read = tokens(document);
      const symbols = Int32Array.from(read, (word) => (learn ? numberOf(word) : (numbers.get(word) ?? -1)));
      return { symbols, bounds: [0, symbols.length] };
    },
    write: (symbols) => symbols.map((symbol) => list[symbol]).join(' '),
    ranks() {
      const ranks = new Int32Array(list.length);
      for (const [rank, word] of [...list].sort(compareCodePoints).entries()) ranks[numberOf(word)] = rank;
      return (symbol) => ranks[symbol] as number;
    },
    parse: (term) => (isSingle ? [term] : term.split(' ')).map(numberOf),
  };
}
