import type { Scope } from './scope.ts';
import { isNode, type SyntaxNode } from './syntax-node.ts';
import type { Walk, Write } from './walk.ts';

/** Reads what is assigned, or declared: its names are written, its defaults and computed keys are used. */
export function visitTarget(walk: Walk, node: unknown, scope: Scope, write: Write): void {
  if (!isNode(node)) return;
  switch (node.type) {
    case 'Identifier':
      walk.refer(node.name as string, scope, write);
      break;
    case 'ObjectPattern':
    case 'ObjectExpression':
      for (const property of node.properties as SyntaxNode[]) {
        if (property.computed) walk.visit(property.key, scope);
        visitTarget(walk, property.type === 'Property' ? property.value : property.argument, scope, write);
      }
      break;
    case 'ArrayPattern':
    case 'ArrayExpression':
      for (const element of node.elements as (SyntaxNode | null)[]) visitTarget(walk, element, scope, write);
      break;
    case 'AssignmentPattern':
    case 'AssignmentExpression':
      visitTarget(walk, node.left, scope, write);
      walk.visit(node.right, scope);
      break;
    case 'RestElement':
    case 'SpreadElement':
      visitTarget(walk, node.argument, scope, write);
      break;
    case 'ParenthesizedExpression':
      visitTarget(walk, node.expression, scope, write);
      break;
    default:
      walk.visit(node, scope);
  }
}
