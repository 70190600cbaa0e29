/** Which of each resource: `{ gpu: [1] }`. */
export type Allotment = Readonly<Record<string, readonly number[]>>;

/** The resources of a daemon. Each one is with one worker at a time, from the worker's start to its end. */
export class Inventory {
  readonly #free = new Map<string, number[]>();

  constructor(resources: Readonly<Record<string, number>>) {
    for (const [name, count] of Object.entries(resources))
      this.#free.set(
        name,
        Array.from({ length: count }, (_, at) => at),
      );
  }

  /** Whether as many as that are free. */
  has(needs: Readonly<Record<string, number>>): boolean {
    return Object.entries(needs).every(([name, count]) => (this.#free.get(name)?.length ?? 0) >= count);
  }

  /** Takes the lowest numbers that are free of each, or nothing at all and gives undefined. */
  take(needs: Readonly<Record<string, number>>): Allotment | undefined {
    if (!this.has(needs)) return undefined;
    const wanted = Object.entries(needs);
    return Object.fromEntries(
      wanted.map(([name, count]) => [name, (this.#free.get(name) as number[]).splice(0, count)]),
    );
  }

  give(allotment: Allotment): void {
    for (const [name, numbers] of Object.entries(allotment))
      this.#free.set(
        name,
        [...(this.#free.get(name) ?? []), ...numbers].sort((a, b) => a - b),
      );
  }
}
