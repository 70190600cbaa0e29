import type { FitOutcome, ScoreSet } from './cv-results.ts';
import type { LeafOutcome } from './evaluate.ts';

/** Names of scores: those of the first fit that has some, for a scoring function may name its own. */
export function scoreNames(outcomes: readonly (readonly LeafOutcome[])[], otherwise: readonly string[]): string[] {
  const first = outcomes.flat().find(({ error }) => error === undefined);
  return first === undefined ? [...otherwise] : Object.keys(first.test);
}

/** An outcome with every score: of a fit that failed, `errorScore`. */
export function filled(outcome: LeafOutcome, names: readonly string[], errorScore: number): FitOutcome {
  if (outcome.error === undefined) return outcome;
  const scores: ScoreSet = Object.fromEntries(names.map((name) => [name, errorScore]));
  return { ...outcome, test: scores, train: scores };
}
