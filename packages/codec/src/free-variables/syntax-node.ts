/** A node of an ESTree syntax tree. */
export interface SyntaxNode {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [key: string]: unknown;
}

/** Whether a child of a node is a node. */
export function isNode(value: unknown): value is SyntaxNode {
  return typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string';
}

/** Whether a function body starts with the directive `'use strict'`. */
export function hasUseStrict(statements: readonly SyntaxNode[]): boolean {
  for (const { type, directive, expression } of statements) {
    if (type !== 'ExpressionStatement' || (expression as SyntaxNode).type !== 'Literal') return false;
    if (directive === 'use strict') return true;
  }
  return false;
}

/** The fixed name in `object.name` or `object['name']`. */
export function memberName(node: SyntaxNode): string | undefined {
  const property = node.property as SyntaxNode;
  if (!node.computed) return property.type === 'Identifier' ? (property.name as string) : undefined;
  return property.type === 'Literal' && typeof property.value === 'string' ? property.value : undefined;
}

/** The name, with `#`, of a private name; undefined for any other node. */
export function privateName(node: SyntaxNode | undefined): string | undefined {
  if (node?.type !== 'PrivateIdentifier' && node?.type !== 'PrivateName') return undefined;
  const name = node.name as string;
  return name.startsWith('#') ? name : `#${name}`;
}
