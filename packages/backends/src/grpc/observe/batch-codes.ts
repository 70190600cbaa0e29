import type { HostMessage } from '../../pool/messages.ts';
import { batchHash } from './audit.ts';

/** A function that a worker was told of. */
interface Told {
  readonly scope: number;
  readonly codes: readonly string[];
  /** Of a batch that is made of it alone; computed at its first. */
  hash?: string;
}

type First = (codes: readonly string[], run: { readonly unit: number; readonly tasks: number }) => void;

/** Follows what a caller's workers are given: which codes a batch is made of, and how much there was. */
export class BatchCodes {
  batches = 0;
  tasks = 0;
  /** By worker and number. */
  readonly #functions = new Map<number, Map<number, Told>>();
  readonly #seen = new Set<string>();
  readonly #first: First;

  /** @param first hears of the first batch that is made of these codes */
  constructor(first: First) {
    this.#first = first;
  }

  /** @param link the worker that the message is for */
  take(link: number, message: HostMessage): void {
    if (message.type === 'run') {
      const { unit, from, to, fns } = message;
      this.batches += 1;
      this.tasks += to - from;
      const functions = this.#functions.get(link);
      const [only] = fns;
      const told = fns.length === 1 ? functions?.get(only as number) : undefined;
      if (told?.hash !== undefined && this.#seen.has(told.hash)) return;
      const codes = told?.codes ?? fns.flatMap((fn) => functions?.get(fn)?.codes ?? []);
      const hash = codes.length === 1 ? (codes[0] as string) : batchHash(codes);
      if (told !== undefined) told.hash = hash;
      if (this.#seen.has(hash) || this.#seen.size >= MOST) return;
      this.#seen.add(hash);
      this.#first(codes, { unit, tasks: to - from });
    } else if (message.type === 'define') {
      const { scope, fn, frame } = message;
      const functions = this.#functions.get(link) ?? new Map<number, Told>();
      this.#functions.set(link, functions.set(fn, { scope, codes: frame.codes }));
    } else if (message.type === 'end') {
      const functions = this.#functions.get(link);
      if (functions === undefined) return;
      for (const [fn, { scope }] of functions) if (scope === message.scope) functions.delete(fn);
    }
  }

  /** A worker is gone. */
  left(link: number): void {
    this.#functions.delete(link);
  }
}

/** Codes of one caller that are told; an endless number of them would fill memory. */
const MOST = 10_000;
