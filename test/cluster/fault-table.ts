/** What faults were tried, how they were noticed, and what became of the work: as docs/cluster.md shows it. */
export class FaultTable {
  readonly #rows: string[] = [];

  /** @param afterMs left out: there is nothing to notice */
  add(fault: string, noticed: string, afterMs: number | undefined, then: string): void {
    const after = afterMs === undefined ? '–' : `${(afterMs / 1000).toFixed(2)} s`;
    this.#rows.push(`| ${fault} | ${noticed} | ${after} | ${then} |`);
  }

  print(): void {
    if (this.#rows.length === 0) return;
    console.log(['| fault | noticed by | after | then |', '|---|---|---|---|', ...this.#rows].join('\n'));
  }
}
