import type { HostMessage } from '../../pool/messages.ts';
import { batchHash } from './audit.ts';

/** Follows what a caller's workers are given: which codes a batch is made of, and how much there was. */
export class BatchCodes {
  batches = 0;
  tasks = 0;
  readonly #functions = new Map<string, readonly string[]>();
  readonly #seen = new Set<string>();
  readonly #first: (codes: readonly string[], run: { readonly unit: number; readonly tasks: number }) => void;

  /** @param first hears of the first batch that is made of these codes */
  constructor(first: (codes: readonly string[], run: { readonly unit: number; readonly tasks: number }) => void) {
    this.#first = first;
  }

  /** @param link the worker that the message is for */
  take(link: number, message: HostMessage): void {
    if (message.type === 'define') {
      this.#functions.set(`${link}/${message.scope}/${message.fn}`, message.frame.codes);
    } else if (message.type === 'end') {
      for (const name of this.#functions.keys())
        if (name.startsWith(`${link}/${message.scope}/`)) this.#functions.delete(name);
    } else if (message.type === 'run') {
      const { unit, from, to, scope, fns } = message;
      this.batches += 1;
      this.tasks += to - from;
      const codes = fns.flatMap((fn) => this.#functions.get(`${link}/${scope}/${fn}`) ?? []);
      const hash = codes.length === 1 ? (codes[0] as string) : batchHash(codes);
      if (this.#seen.has(hash) || this.#seen.size >= MOST) return;
      this.#seen.add(hash);
      this.#first(codes, { unit, tasks: to - from });
    }
  }

  /** A worker is gone. */
  left(link: number): void {
    for (const name of this.#functions.keys()) if (name.startsWith(`${link}/`)) this.#functions.delete(name);
  }
}

/** Codes of one caller that are told; an endless number of them would fill memory. */
const MOST = 10_000;
