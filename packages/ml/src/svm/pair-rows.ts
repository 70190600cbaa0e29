import type { KernelRows } from './kernel.ts';

/** Where the rows of each class are, of rows sorted by class: class k from `starts[k]` up to `starts[k + 1]`. */
export type ClassStarts = readonly number[];

/** Kernels of rows with the rows of their own class, which all pairs with that class need; kept while there is room. */
export class OwnClassRows {
  readonly #kernels: KernelRows;
  readonly #starts: ClassStarts;
  readonly #kept = new Map<number, Float64Array>();
  #room: number;

  /** @param bytes for what is kept; 0 where no class is in two pairs */
  constructor(kernels: KernelRows, starts: ClassStarts, bytes: number) {
    this.#kernels = kernels;
    this.#starts = starts;
    this.#room = bytes;
  }

  /** Writes the kernels of a row of class k with all of that class. */
  write(row: number, k: number, out: Float64Array, at: number): void {
    const [from, to] = [this.#starts[k] as number, this.#starts[k + 1] as number];
    const known = this.#kept.get(row);
    if (known !== undefined) {
      out.set(known, at);
      return;
    }
    this.#kernels.write(row, from, to, out, at);
    const bytes = 8 * (to - from);
    if (bytes > this.#room) return;
    this.#room -= bytes;
    this.#kept.set(row, out.slice(at, at + to - from));
  }
}

/** Rows of kernels between two classes, the first class first; those used last are kept. */
export class PairRows {
  readonly #kernels: KernelRows;
  readonly #own: OwnClassRows;
  readonly #starts: ClassStarts;
  readonly #classes: readonly [number, number];
  readonly #capacity: number;
  readonly #kept = new Map<number, Float64Array>();
  readonly rows: number;
  readonly first: number;

  constructor(
    kernels: KernelRows,
    own: OwnClassRows,
    starts: ClassStarts,
    classes: readonly [number, number],
    bytes: number,
  ) {
    this.#kernels = kernels;
    this.#own = own;
    this.#starts = starts;
    this.#classes = classes;
    const [a, b] = classes.map((k) => (starts[k + 1] as number) - (starts[k] as number)) as [number, number];
    this.first = a;
    this.rows = a + b;
    this.#capacity = Math.max(3, Math.floor(bytes / (8 * this.rows)));
  }

  /** The number of row t of the pair among all rows. */
  place(t: number): number {
    const [a, b] = this.#classes;
    return t < this.first ? (this.#starts[a] as number) + t : (this.#starts[b] as number) + t - this.first;
  }

  row(t: number): Float64Array {
    const known = this.#kept.get(t);
    if (known !== undefined) {
      if (this.#kept.size >= this.#capacity) {
        this.#kept.delete(t);
        this.#kept.set(t, known); // the last to go
      }
      return known;
    }
    let row: Float64Array | undefined;
    if (this.#kept.size >= this.#capacity) {
      const [oldest, memory] = this.#kept.entries().next().value as [number, Float64Array];
      this.#kept.delete(oldest);
      row = memory;
    }
    row ??= new Float64Array(this.rows);
    const place = this.place(t);
    const [a, b] = this.#classes;
    const starts = this.#starts;
    if (t < this.first) {
      this.#own.write(place, a, row, 0);
      this.#kernels.write(place, starts[b] as number, starts[b + 1] as number, row, this.first);
    } else {
      this.#kernels.write(place, starts[a] as number, starts[a + 1] as number, row, 0);
      this.#own.write(place, b, row, this.first);
    }
    this.#kept.set(t, row);
    return row;
  }
}
