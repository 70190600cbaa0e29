/** A daemon that is known, and how it stands with it: `refused the connection`. */
export interface SearchedDaemon {
  readonly address: string;
  readonly from: string;
  /** Undefined: it can be used. */
  readonly fault?: string | undefined;
}

/** Why there are not as many workers as were asked for, for people: who was found, who not, and why. */
export function searchReport(
  daemons: readonly SearchedDaemon[],
  problems: readonly string[],
  needed: number,
  waitedMs: number,
): string {
  const found = daemons.filter(({ fault }) => fault === undefined);
  const lines = daemons.map(({ address, from, fault }) => `  ${address} (${from}): ${fault ?? 'found'}`);
  if (daemons.length === 0) lines.push('  nobody names any daemon: neither the workers option nor a registry');
  lines.push(...problems.map((problem) => `  ${problem}`));
  const what = needed === 1 ? 'no worker daemon' : `only ${found.length} of ${needed} worker daemons`;
  return `${what} could be used within ${waitedMs} ms (waitForWorkers):\n${lines.join('\n')}`;
}
