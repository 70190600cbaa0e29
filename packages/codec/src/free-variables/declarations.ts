import { declare, hoistTarget, type Scope, scopeIn } from './scope.ts';
import { isNode, type SyntaxNode } from './syntax-node.ts';

/** Declares what statements bring into their block, and whatever they hoist from inside. */
export function declareStatements(statements: readonly SyntaxNode[], scope: Scope, strict: boolean): void {
  for (const statement of statements) declareStatement(statement, scope, strict, true);
}

/** @param direct the statement stands in the block itself, not in a statement of it */
export function declareStatement(statement: unknown, scope: Scope, strict: boolean, direct: boolean): void {
  if (!isNode(statement)) return;
  switch (statement.type) {
    case 'VariableDeclaration': {
      const target = statement.kind === 'var' ? hoistTarget(scope) : scope;
      if (statement.kind !== 'var' && !direct) return;
      for (const { id } of statement.declarations as { id: SyntaxNode }[]) declarePattern(id, target);
      break;
    }
    case 'FunctionDeclaration':
      if (direct) declare(statement.id as SyntaxNode, scope, statement);
      if (!strict && !(direct && scope.hoists) && !statement.generator && !statement.async)
        declare(statement.id as SyntaxNode, hoistTarget(scope));
      break;
    case 'ClassDeclaration':
      if (direct) declare(statement.id as SyntaxNode, scope, statement);
      break;
    case 'ImportDeclaration':
      for (const { local } of statement.specifiers as { local: SyntaxNode }[]) declare(local, scope);
      break;
    case 'ExportNamedDeclaration':
    case 'ExportDefaultDeclaration': {
      const { declaration } = statement as { declaration?: SyntaxNode | null };
      if (declaration?.id || declaration?.type === 'VariableDeclaration')
        declareStatement(declaration, scope, strict, direct);
      break;
    }
    case 'LabeledStatement':
      declareStatement(statement.body, scope, strict, direct);
      break;
    case 'ExpressionStatement':
    case 'ReturnStatement':
    case 'ThrowStatement':
      break;
    default:
      hoist(statement, scope, strict);
  }
}

/** Where statements have statements inside. */
const HOISTING: Readonly<Record<string, readonly string[]>> = {
  BlockStatement: ['body'],
  IfStatement: ['consequent', 'alternate'],
  ForStatement: ['init', 'body'],
  ForInStatement: ['left', 'body'],
  ForOfStatement: ['left', 'body'],
  WhileStatement: ['body'],
  DoWhileStatement: ['body'],
  WithStatement: ['body'],
  TryStatement: ['block', 'handler', 'finalizer'],
  CatchClause: ['body'],
  SwitchStatement: ['cases'],
  SwitchCase: ['consequent'],
};

/** Finds `var` inside nested statements. */
function hoist(statement: SyntaxNode, scope: Scope, strict: boolean): void {
  const parts: readonly unknown[] = HOISTING[statement.type]?.map((key) => statement[key]) ?? [];
  const inner = statement.type === 'IfStatement' ? scope : scopeIn(scope, false);
  for (const part of parts) {
    for (const each of Array.isArray(part) ? part : [part]) declareStatement(each, inner, strict, false);
  }
}

/** Declares the names of a pattern: parameters, and what stands left of the `=` in a declaration. */
export function declarePattern(node: SyntaxNode | null | undefined, scope: Scope): void {
  switch (node?.type) {
    case 'Identifier':
      declare(node, scope);
      break;
    case 'ObjectPattern':
      for (const property of node.properties as SyntaxNode[]) {
        declarePattern((property.type === 'Property' ? property.value : property.argument) as SyntaxNode, scope);
      }
      break;
    case 'ArrayPattern':
      for (const element of node.elements as (SyntaxNode | null)[]) declarePattern(element, scope);
      break;
    case 'AssignmentPattern':
      declarePattern(node.left as SyntaxNode, scope);
      break;
    case 'RestElement':
      declarePattern(node.argument as SyntaxNode, scope);
      break;
    default:
  }
}
