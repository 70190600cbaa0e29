/** Fields of a record: the gram without its last symbol, that symbol, its own number, and its last entry. */
const PARENT = 0;
const SYMBOL = 1;
const GRAM = 2;
const ENTRY = 3;
const FIELDS = 4;

/** How often grams are in documents: `rows[r]` to `rows[r + 1]` are the entries of document r. */
export interface GramCounts {
  readonly rows: Int32Array;
  readonly grams: Int32Array;
  readonly counts: Int32Array;
}

/**
 * Numbers grams, and counts them by document. A gram is the gram before its last symbol, and that symbol: the table
 * is a tree whose edges are in one hash table with open addressing, 16 bytes each, so that a gram costs one look-up
 * however long it is, and no string. The root, 0, is the empty gram.
 */
export class GramTable {
  /** Grams, and the root. */
  size: number = 1;
  private records: Int32Array = new Int32Array(FIELDS << 12);
  private mask: number = (1 << 12) - 1;
  private parents: Int32Array = new Int32Array(1 << 10);
  private symbols: Int32Array = new Int32Array(1 << 10);
  private grams: Int32Array = new Int32Array(1 << 12);
  private counts: Int32Array = new Int32Array(1 << 12);
  private entries = 0;
  private rowStart = 0;
  private readonly rows: number[] = [0];

  /**
   * Counts the grams of `min` to `max` symbols in `symbols[from]` to `symbols[to - 1]`: with `learn` all of them, and
   * takes in new ones; without, those that the table has, where the tree ends a search early.
   */
  count(symbols: Int32Array, from: number, to: number, min: number, max: number, learn: boolean): void {
    this.reserve((to - from) * (Math.min(max, to - from) - min + 1));
    const { grams, counts, rowStart } = this;
    let { entries } = this;
    for (let i = from; i < to; i += 1) {
      const end = Math.min(i + max, to);
      let gram = 0;
      for (let j = i; j < end; j += 1) {
        const symbol = symbols[j] as number;
        const at = learn ? this.findOrAdd(gram, symbol) : this.find(gram, symbol);
        if (at < 0) break;
        const { records } = this;
        gram = records[at + GRAM] as number;
        if (j - i + 1 < min) continue;
        const entry = records[at + ENTRY] as number;
        if (entry > rowStart) counts[entry - 1] = (counts[entry - 1] as number) + 1;
        else {
          grams[entries] = gram;
          counts[entries] = 1;
          entries += 1;
          records[at + ENTRY] = entries;
        }
      }
    }
    this.entries = entries;
  }

  /** Ends a document. */
  endRow(): void {
    this.rowStart = this.entries;
    this.rows.push(this.entries);
  }

  /** What was counted; the table forgets it. */
  takeCounts(): GramCounts {
    const taken: GramCounts = {
      rows: Int32Array.from(this.rows),
      grams: this.grams.subarray(0, this.entries),
      counts: this.counts.subarray(0, this.entries),
    };
    this.grams = new Int32Array(1 << 12);
    this.counts = new Int32Array(1 << 12);
    this.entries = 0;
    this.rowStart = 0;
    this.rows.length = 1;
    for (let at = ENTRY; at < this.records.length; at += FIELDS) this.records[at] = 0;
    return taken;
  }

  /** The number of a gram, learned if it is new. */
  add(symbols: ArrayLike<number>): number {
    let gram = 0;
    for (let i = 0; i < symbols.length; i += 1) {
      const at = this.findOrAdd(gram, symbols[i] as number); // may replace the records
      gram = this.records[at + GRAM] as number;
    }
    return gram;
  }

  /** Symbols of a gram. */
  symbolsOf(gram: number): number[] {
    const symbols: number[] = [];
    for (let at = gram; at > 0; at = this.parents[at] as number) symbols.push(this.symbols[at] as number);
    return symbols.reverse();
  }

  /**
   * All grams but the root in the order of their terms: each before those that go on from it, and by the rank of its
   * last symbol among those that go on from the same.
   */
  sorted(rankOf: (symbol: number) => number): Int32Array {
    const { parents, symbols, size } = this;
    let ranks = 0;
    for (let gram = 1; gram < size; gram += 1) ranks = Math.max(ranks, rankOf(symbols[gram] as number) + 1);
    const first = new Int32Array(size);
    const next = new Int32Array(size);
    for (const gram of descending(size, ranks, (each) => rankOf(symbols[each] as number))) {
      const parent = parents[gram] as number;
      next[gram] = first[parent] as number;
      first[parent] = gram;
    }
    const order = new Int32Array(size - 1);
    const pending: number[] = [first[0] as number];
    for (let at = 0; pending.length > 0; ) {
      const gram = pending.pop() as number;
      if (gram === 0) continue;
      order[at] = gram;
      at += 1;
      pending.push(next[gram] as number, first[gram] as number);
    }
    return order;
  }

  /** Where the record of a gram is, or -1. */
  private find(parent: number, symbol: number): number {
    const { records, mask } = this;
    for (let place = hash(parent, symbol) & mask; ; place = (place + 1) & mask) {
      const at = place * FIELDS;
      if (records[at + GRAM] === 0) return -1;
      if (records[at + PARENT] === parent && records[at + SYMBOL] === symbol) return at;
    }
  }

  private findOrAdd(parent: number, symbol: number): number {
    const { records, mask } = this;
    let place = hash(parent, symbol) & mask;
    for (;;) {
      const at = place * FIELDS;
      if (records[at + GRAM] === 0) return this.insert(at, parent, symbol);
      if (records[at + PARENT] === parent && records[at + SYMBOL] === symbol) return at;
      place = (place + 1) & mask;
    }
  }

  private insert(at: number, parent: number, symbol: number): number {
    const gram = this.size;
    if (gram === this.parents.length) {
      this.parents = grown(this.parents, gram * 2);
      this.symbols = grown(this.symbols, gram * 2);
    }
    this.parents[gram] = parent;
    this.symbols[gram] = symbol;
    this.size += 1;
    const { records } = this;
    records[at + PARENT] = parent;
    records[at + SYMBOL] = symbol;
    records[at + GRAM] = gram;
    records[at + ENTRY] = 0;
    if (this.size * 5 < (this.mask + 1) * 3) return at;
    this.rehash();
    return this.find(parent, symbol);
  }

  private rehash(): void {
    const old = this.records;
    const places = (this.mask + 1) * 4;
    const records = new Int32Array(places * FIELDS);
    this.mask = places - 1;
    this.records = records;
    for (let from = 0; from < old.length; from += FIELDS) {
      if (old[from + GRAM] === 0) continue;
      let place = hash(old[from + PARENT] as number, old[from + SYMBOL] as number) & this.mask;
      while (records[place * FIELDS + GRAM] !== 0) place = (place + 1) & this.mask;
      for (let field = 0; field < FIELDS; field += 1) records[place * FIELDS + field] = old[from + field] as number;
    }
  }

  private reserve(more: number): void {
    const needed = this.entries + more;
    if (needed <= this.grams.length) return;
    this.grams = grown(this.grams, Math.max(needed, this.grams.length * 2));
    this.counts = grown(this.counts, Math.max(needed, this.counts.length * 2));
  }
}

/** Grams by rank, the largest first: by counting. */
function descending(size: number, ranks: number, rankOf: (gram: number) => number): Int32Array {
  const starts = new Int32Array(ranks + 1);
  for (let gram = 1; gram < size; gram += 1) {
    const rank = rankOf(gram);
    starts[rank] = (starts[rank] as number) + 1;
  }
  for (let rank = ranks - 1; rank >= 0; rank -= 1)
    starts[rank] = (starts[rank] as number) + (starts[rank + 1] as number);
  const order = new Int32Array(size - 1);
  for (let gram = 1; gram < size; gram += 1) {
    const rank = rankOf(gram);
    starts[rank] = (starts[rank] as number) - 1;
    order[starts[rank] as number] = gram;
  }
  return order;
}

function hash(parent: number, symbol: number): number {
  const mixed = Math.imul(parent, 0x9e3779b1) ^ Math.imul(symbol + 1, 0x85ebca6b);
  return mixed ^ (mixed >>> 15);
}

function grown(array: Int32Array, length: number): Int32Array {
  const longer = new Int32Array(length);
  longer.set(array);
  return longer;
}
