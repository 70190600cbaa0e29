import { isDeclared, scopeIn } from './free-variables/scope.ts';
import type { SyntaxNode } from './free-variables/syntax-node.ts';
import { type Reference, type Thing, Walk } from './free-variables/walk.ts';

export { type ProgramScopes, programScopes } from './free-variables/program-scopes.ts';
export { type Declaration, declarationOf, type Scope } from './free-variables/scope.ts';
export { hasUseStrict, type SyntaxNode } from './free-variables/syntax-node.ts';
export type { Placed } from './free-variables/walk.ts';

/** How a function uses one name that it does not declare. */
export interface FreeVariable {
  /** The code assigns it. */
  written: boolean;
  /** Members read as `name.member`; undefined when the name is also used in another way. */
  members: Set<string> | undefined;
}

/** What a piece of code takes from outside. */
export interface FreeVariables {
  readonly variables: ReadonlyMap<string, FreeVariable>;
  /** `this`, `new.target`, `arguments` or `super` of an enclosing function. */
  readonly outer: ReadonlySet<Thing>;
  /** A direct `eval(...)`, which could name anything. */
  readonly evals: boolean;
  /** Names with `#` that are used but not declared inside. */
  readonly privateNames: ReadonlySet<string>;
  /** `import(...)` expressions and `import.meta`, in source order. */
  readonly imports: readonly SyntaxNode[];
}

/**
 * The names that a piece of code uses without declaring them, as ECMAScript's scopes have it:
 * parameters see outer names, not the body's; `var` and, in sloppy code, functions in blocks are hoisted.
 *
 * @param root an expression, usually a function or class
 * @param strict whether the code around is strict
 */
export function freeVariables(root: SyntaxNode, strict: boolean): FreeVariables {
  const walk = new Walk(strict);
  walk.visit(root, scopeIn(undefined, true));
  const { outer, evals, privateNames, imports } = walk;
  return { variables: freeOf(walk.references), outer, evals, privateNames, imports };
}

function freeOf(references: readonly Reference[]): ReadonlyMap<string, FreeVariable> {
  const variables = new Map<string, FreeVariable>();
  for (const { name, scope, write, member } of references) {
    if (isDeclared(name, scope)) continue;
    const written = write !== 'none';
    const known = variables.get(name);
    if (known === undefined) {
      variables.set(name, { written, members: member === undefined ? undefined : new Set([member]) });
      continue;
    }
    known.written ||= written;
    if (member === undefined) known.members = undefined;
    else known.members?.add(member);
  }
  return variables;
}
