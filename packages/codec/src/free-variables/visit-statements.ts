import { declarePattern, declareStatement, declareStatements } from './declarations.ts';
import { initialise, type Scope, scopeIn } from './scope.ts';
import { isNode, type SyntaxNode } from './syntax-node.ts';
import { visitTarget } from './visit-target.ts';
import type { Visitor, Walk } from './walk.ts';

/** Reads statements in a scope of their own: all that they declare is known to each of them. */
export function visitBlock(walk: Walk, statements: readonly SyntaxNode[], scope: Scope): void {
  declareStatements(statements, scope, walk.strict);
  walk.visit(statements, scope);
}

function visitSwitch(walk: Walk, node: SyntaxNode, scope: Scope): void {
  walk.visit(node.discriminant, scope);
  const inner = scopeIn(scope, false);
  const cases = node.cases as SyntaxNode[];
  for (const { consequent } of cases) declareStatements(consequent as SyntaxNode[], inner, walk.strict);
  walk.visit(cases, inner);
}

function visitFor(walk: Walk, node: SyntaxNode, scope: Scope): void {
  const head = (node.type === 'ForStatement' ? node.init : node.left) as SyntaxNode | null;
  declareStatement(head, scope, walk.strict, true);
  if (node.type === 'ForStatement') {
    walk.visit(head, scope);
  } else if (head?.type === 'VariableDeclaration') {
    for (const { id } of head.declarations as { id: SyntaxNode }[]) visitTarget(walk, id, scope, 'first');
  } else {
    visitTarget(walk, head, scope, 'again');
  }
  for (const key of ['right', 'test', 'update', 'body']) walk.visit(node[key], scope);
}

function visitCatch(walk: Walk, node: SyntaxNode, scope: Scope): void {
  if (isNode(node.param)) {
    declarePattern(node.param, scope);
    visitTarget(walk, node.param, scope, 'first');
  }
  walk.visit(node.body, scope);
}

function visitDeclaration(walk: Walk, node: SyntaxNode, scope: Scope): void {
  for (const declarator of node.declarations as SyntaxNode[]) {
    visitTarget(walk, declarator.id, scope, declarator.init ? 'first' : 'none');
    if (node.kind !== 'var') initialise(declarator, scope);
    walk.visit(declarator.init, scope);
  }
}

const visitForIn: Visitor = (walk, node, scope) => walk.inLoop(() => visitFor(walk, node, scopeIn(scope, false)));
const visitWhile: Visitor = (walk, node, scope) => walk.inLoop(() => walk.children(node, scope));
const nothing: Visitor = () => {};

/** Statements that declare names, repeat, or have names that are none of variables. */
export const STATEMENTS: Readonly<Record<string, Visitor>> = {
  BlockStatement: (walk, node, scope) => visitBlock(walk, node.body as SyntaxNode[], scopeIn(scope, false)),
  SwitchStatement: visitSwitch,
  ForStatement: visitForIn,
  ForInStatement: visitForIn,
  ForOfStatement: visitForIn,
  WhileStatement: visitWhile,
  DoWhileStatement: visitWhile,
  CatchClause: (walk, node, scope) => visitCatch(walk, node, scopeIn(scope, false)),
  VariableDeclaration: visitDeclaration,
  LabeledStatement: (walk, node, scope) => walk.visit(node.body, scope),
  BreakStatement: nothing,
  ContinueStatement: nothing,
  ImportDeclaration: nothing,
  ExportAllDeclaration: nothing,
};
