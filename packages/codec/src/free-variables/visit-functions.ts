import { declarePattern } from './declarations.ts';
import { type Scope, scopeIn } from './scope.ts';
import { hasUseStrict, privateName, type SyntaxNode } from './syntax-node.ts';
import { visitBlock } from './visit-statements.ts';
import { visitTarget } from './visit-target.ts';
import type { Visitor, Walk } from './walk.ts';

function visitFunction(walk: Walk, node: SyntaxNode, scope: Scope): void {
  walk.place(node, scope);
  const { strict, loops } = walk;
  const { id } = node as { id?: SyntaxNode | null };
  const named = node.type === 'FunctionExpression' && id ? scopeIn(scope, false, id.name as string) : scope;
  const body = node.body as SyntaxNode;
  const statements = body.type === 'BlockStatement' ? (body.body as SyntaxNode[]) : undefined;
  if (statements !== undefined && hasUseStrict(statements)) walk.strict = true;
  walk.loops = 0;
  const own = node.type === 'ArrowFunctionExpression' ? 0 : 1;
  walk.thisDepth += own;
  walk.argumentsDepth += own;
  const parameters = scopeIn(named, true, undefined, node);
  for (const parameter of node.params as SyntaxNode[]) declarePattern(parameter, parameters);
  for (const parameter of node.params as SyntaxNode[]) visitTarget(walk, parameter, parameters, 'first');
  if (statements === undefined) walk.visit(body, parameters);
  else visitBlock(walk, statements, scopeIn(parameters, true));
  walk.argumentsDepth -= own;
  walk.thisDepth -= own;
  walk.loops = loops;
  walk.strict = strict;
}

function visitClass(walk: Walk, node: SyntaxNode, scope: Scope): void {
  walk.place(node, scope);
  const { strict } = walk;
  walk.strict = true;
  walk.visit(node.decorators, scope);
  const { id } = node as { id?: SyntaxNode | null };
  const inner = scopeIn(scope, false, id ? (id.name as string) : undefined);
  walk.visit(node.superClass, inner);
  const members = (node.body as SyntaxNode).body as SyntaxNode[];
  const names = new Set<string>();
  for (const { key } of members as { key?: SyntaxNode }[]) {
    const name = privateName(key);
    if (name !== undefined) names.add(name);
  }
  walk.classes.push(names);
  walk.visit(members, inner);
  walk.classes.pop();
  walk.strict = strict;
}

/** A member of an object or class. */
function visitProperty(walk: Walk, node: SyntaxNode, scope: Scope): void {
  if (node.computed) walk.visit(node.key, scope);
  walk.visit(node.decorators, scope);
  if (node.type === 'PropertyDefinition' || node.type === 'AccessorProperty') {
    walk.inField(() => walk.visit(node.value, scopeIn(scope, true)));
  } else if (node.type === 'MethodDefinition' || node.method || node.kind === 'get' || node.kind === 'set') {
    walk.superDepth += 1;
    walk.visit(node.value, scope);
    walk.superDepth -= 1;
  } else walk.visit(node.value, scope);
}

/** Functions, classes, and what they are made of. */
export const FUNCTIONS: Readonly<Record<string, Visitor>> = {
  FunctionDeclaration: visitFunction,
  FunctionExpression: visitFunction,
  ArrowFunctionExpression: visitFunction,
  ClassDeclaration: visitClass,
  ClassExpression: visitClass,
  Property: visitProperty,
  PropertyDefinition: visitProperty,
  MethodDefinition: visitProperty,
  AccessorProperty: visitProperty,
  StaticBlock: (walk, node, scope) =>
    walk.inField(() => visitBlock(walk, node.body as SyntaxNode[], scopeIn(scope, true))),
};
