import type { FitEvent } from './evaluate.ts';

type Listener = (event: FitEvent) => void;

/** Writes to stderr what a search does, above `verbose` 0, and tells the user's listener. */
export function report(verbose: number, splits: number, candidates: number, onResult: Listener | undefined): Listener {
  if (verbose >= 1)
    process.stderr.write(
      `Fitting ${splits} folds for each of ${candidates} candidates, totalling ${splits * candidates} fits\n`,
    );
  return (event) => {
    if (verbose >= 2) process.stderr.write(`${lineOf(event, splits)}\n`);
    onResult?.(event);
  };
}

function lineOf(
  { split, params, scores, fitMs, scoreMs, error, fromMemory, done, total }: FitEvent,
  splits: number,
): string {
  const given = Object.entries(params).map(([name, value]) => `${name}=${String(value)}`);
  const result =
    error === undefined ? Object.entries(scores).map(([name, score]) => `${name}=${score.toFixed(4)}`) : ['failed'];
  const time = fromMemory ? 'from memory' : `${((fitMs + scoreMs) / 1000).toFixed(1)} s`;
  return `[${done}/${total}] fold ${split + 1}/${splits} ${given.join(', ')}: ${result.join(', ')}, ${time}`;
}
