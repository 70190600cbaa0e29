import { declarationOf, scopeIn } from './scope.ts';
import { hasUseStrict, type SyntaxNode } from './syntax-node.ts';
import { visitBlock } from './visit-statements.ts';
import { type Placed, Walk } from './walk.ts';

/** Every function and class of a program, by where its text starts; methods by where their parameters do. */
export function placedFunctions(program: SyntaxNode, strict: boolean): ReadonlyMap<number, Placed> {
  const statements = program.body as SyntaxNode[];
  const walk = new Walk(strict || hasUseStrict(statements));
  visitBlock(walk, statements, scopeIn(undefined, true));
  for (const { name, scope, write } of walk.references) {
    const declaration = write === 'again' ? declarationOf(name, scope) : undefined;
    if (declaration !== undefined) declaration.reassigned = true;
  }
  return walk.placed;
}
