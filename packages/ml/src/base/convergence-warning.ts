const told = new Set<string>();

/** Warns, once a program for each class, that an iteration ended before it converged; `converged_` says it of each fit. */
export function warnOfConvergence(owner: string, what: string): void {
  if (told.has(owner)) return;
  told.add(owner);
  process.emitWarning(`${owner} ${what} It is said once; look at converged_ after each fit.`, 'ConvergenceWarning');
}
