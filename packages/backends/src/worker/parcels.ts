interface Waiting {
  readonly resolve: (bytes: Uint8Array) => void;
  readonly reject: (error: Error) => void;
}

/** Packages on their way to a worker that lacks them: the caller is asked, or has sent all of them already. */
export class Parcels {
  readonly #ask: ((hash: string) => void) | undefined;
  readonly #here = new Map<string, Uint8Array>();
  readonly #waiting = new Map<string, Waiting[]>();

  /** @param ask sends for what a hash stands for; left out where nobody answers */
  constructor(ask: ((hash: string) => void) | undefined) {
    this.#ask = ask;
  }

  /** The bytes behind a hash. Rejects when they are not to be had. */
  readonly get = (hash: string): Promise<Uint8Array> => {
    const here = this.#here.get(hash);
    if (here !== undefined) return Promise.resolve(here);
    const ask = this.#ask;
    if (ask === undefined)
      return Promise.reject(new TypeError(`a package that this worker lacks did not come along (${hash})`));
    return new Promise((resolve, reject) => {
      const waiting = this.#waiting.get(hash) ?? [];
      this.#waiting.set(hash, waiting);
      if (waiting.push({ resolve, reject }) === 1) ask(hash);
    });
  };

  /** What came. Kept where nobody can be asked again. */
  bring(hash: string, bytes: Uint8Array): void {
    if (this.#ask === undefined) this.#here.set(hash, bytes);
    for (const { resolve } of this.#take(hash)) resolve(bytes);
  }

  /** It does not come. */
  refuse(hash: string, why: string): void {
    for (const { reject } of this.#take(hash)) reject(new TypeError(why));
  }

  #take(hash: string): readonly Waiting[] {
    const waiting = this.#waiting.get(hash) ?? [];
    this.#waiting.delete(hash);
    return waiting;
  }
}
