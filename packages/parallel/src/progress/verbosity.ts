/** Levels from which on a line is due with every outcome, and lines go to stdout. */
const EVERY = 11;
const STDOUT = 50;

/** Where lines of a level go. */
export function streamAt(verbose: number): 'stderr' | 'stdout' {
  return verbose < STDOUT ? 'stderr' : 'stdout';
}

/**
 * Tasks that must be done for the line after the one at `done`: the first comes with the first task, gaps then grow
 * with the square root of what is done, and are the smaller the higher the level, as joblib's are.
 */
export function nextLineAt(done: number, verbose: number): number {
  if (verbose >= EVERY || done < 1) return done + 1;
  const unit = (EVERY - verbose) ** 2 / 2;
  let step = Math.floor(Math.sqrt(done / unit)) + 1;
  while (Math.ceil(step ** 2 * unit) <= done) step += 1;
  return Math.ceil(step ** 2 * unit);
}
