/** Gives `node:util` back two functions that Node 23 took out of it, and that tfjs-node 4 calls. */
export function completeUtil(util: Record<string, unknown>): void {
  util.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined;
  util.isArray ??= Array.isArray;
}
