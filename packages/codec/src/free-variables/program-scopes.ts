import { declarationOf, type Scope, scopeIn } from './scope.ts';
import { hasUseStrict, type SyntaxNode } from './syntax-node.ts';
import { visitBlock } from './visit-statements.ts';
import { type Placed, Walk } from './walk.ts';

/** What a program declares. */
export interface ProgramScopes {
  /** Every function and class, by where its text starts; methods by where their parameters do. */
  readonly placed: ReadonlyMap<number, Placed>;
  /** The scope of the program itself. */
  readonly top: Scope;
}

/** The functions and scopes of a program. */
export function programScopes(program: SyntaxNode, strict: boolean): ProgramScopes {
  const statements = program.body as SyntaxNode[];
  const walk = new Walk(strict || hasUseStrict(statements));
  const top = scopeIn(undefined, true);
  visitBlock(walk, statements, top);
  for (const { name, scope, write } of walk.references) {
    const declaration = write === 'again' ? declarationOf(name, scope) : undefined;
    if (declaration === undefined) continue;
    declaration.reassigned = true;
    if (declaration.owner !== scope.owner) declaration.reassignedElsewhere = true;
  }
  return { placed: walk.placed, top };
}
