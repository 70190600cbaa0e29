import { EXPRESSIONS } from './visit-expressions.ts';
import { FUNCTIONS } from './visit-functions.ts';
import { STATEMENTS } from './visit-statements.ts';
import type { Visitor } from './walk.ts';

/** How each kind of node is read; those of other kinds are the sum of their parts. */
export const VISITORS: ReadonlyMap<string, Visitor> = new Map(
  Object.entries({ ...EXPRESSIONS, ...FUNCTIONS, ...STATEMENTS }),
);
