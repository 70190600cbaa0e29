import { isDeclared, type Scope } from './scope.ts';
import { memberName, privateName, type SyntaxNode } from './syntax-node.ts';
import { visitTarget } from './visit-target.ts';
import type { Visitor, Walk } from './walk.ts';

function visitPrivate(walk: Walk, node: SyntaxNode): void {
  const name = privateName(node) as string;
  if (!walk.classes.some((names) => names.has(name))) walk.privateNames.add(name);
}

function visitMeta(walk: Walk, node: SyntaxNode): void {
  if ((node.meta as SyntaxNode).name === 'import') walk.imports.push(node);
  else if (walk.argumentsDepth === 0) walk.outer.add('new.target');
}

function visitCall(walk: Walk, node: SyntaxNode, scope: Scope): void {
  const callee = node.callee as SyntaxNode;
  const isDirect = callee.type === 'Identifier' && callee.name === 'eval' && !node.optional;
  if (isDirect && !isDeclared('eval', scope)) walk.evals = true;
  walk.children(node, scope);
}

function visitMember(walk: Walk, node: SyntaxNode, scope: Scope): void {
  const object = node.object as SyntaxNode;
  const property = node.property as SyntaxNode;
  const fixed = memberName(node);
  if (object.type === 'Identifier' && fixed !== undefined) walk.refer(object.name as string, scope, 'none', fixed);
  else walk.visit(object, scope);
  if (node.computed || property.type !== 'Identifier') walk.visit(property, scope);
}

/** Expressions that use names, or something else of the code around. */
export const EXPRESSIONS: Readonly<Record<string, Visitor>> = {
  Identifier: (walk, node, scope) => walk.refer(node.name as string, scope),
  PrivateIdentifier: visitPrivate,
  PrivateName: visitPrivate,
  ThisExpression(walk) {
    if (walk.thisDepth === 0) walk.outer.add('this');
  },
  Super(walk) {
    if (walk.superDepth === 0) walk.outer.add('super');
  },
  MetaProperty: visitMeta,
  ImportExpression(walk, node, scope) {
    walk.imports.push(node);
    walk.children(node, scope);
  },
  CallExpression: visitCall,
  MemberExpression: visitMember,
  AssignmentExpression(walk, node, scope) {
    visitTarget(walk, node.left, scope, 'again');
    walk.visit(node.right, scope);
  },
  UpdateExpression: (walk, node, scope) => visitTarget(walk, node.argument, scope, 'again'),
};
