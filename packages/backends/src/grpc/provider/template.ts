import type { Orders } from './provider.ts';

/** Fills in what stands for a worker in the words and the input of commands. */
export class Template {
  readonly #hosts: readonly string[];
  readonly #taken = new Map<string, string>();

  constructor(hosts: readonly string[] = []) {
    this.#hosts = hosts;
  }

  words(words: readonly string[], worker: string): readonly string[] {
    return words.map((word) => this.#filled(word, worker));
  }

  /** The orders as a line of JSON where there is no text. */
  input(text: string | undefined, orders: Orders): string {
    const json = JSON.stringify(orders);
    if (text === undefined) return `${json}\n`;
    return this.#filled(text, orders.worker).replaceAll('{orders}', Buffer.from(json).toString('base64'));
  }

  /** Its host has room for another. */
  forget(worker: string): void {
    this.#taken.delete(worker);
  }

  #filled(text: string, worker: string): string {
    return text.replaceAll('{worker}', worker).replaceAll('{host}', () => this.#hostOf(worker));
  }

  #hostOf(worker: string): string {
    const known = this.#taken.get(worker);
    if (known !== undefined) return known;
    const taken = [...this.#taken.values()];
    const load = (host: string): number => taken.filter((each) => each === host).length;
    const [host = ''] = [...this.#hosts].sort((a, b) => load(a) - load(b));
    this.#taken.set(worker, host);
    return host;
  }
}
