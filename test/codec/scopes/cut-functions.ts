import type { SyntaxNode } from '../../../packages/codec/src/free-variables.ts';

/** A function or class of a file, with the text that `Function.prototype.toString` gives for it. */
export interface CutFunction {
  readonly node: SyntaxNode;
  /** Undefined for a constructor: what is a value is its class. */
  readonly text: string | undefined;
  /** Of the function by itself: `static` and decorators are not part of it. */
  readonly start: number;
  /** A computed name, which is part of a method's text, but was evaluated outside. */
  readonly key: SyntaxNode | undefined;
}

const FUNCTIONS =
  /^(?:FunctionDeclaration|FunctionExpression|ArrowFunctionExpression|ClassDeclaration|ClassExpression)$/;

/** Every function and class in a tree, in no order that matters. */
export function cutFunctions(program: SyntaxNode, source: string): CutFunction[] {
  const found: CutFunction[] = [];
  const waiting: [SyntaxNode, SyntaxNode | undefined][] = [[program, undefined]];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const [node, parent] = next;
    if (FUNCTIONS.test(node.type)) found.push(cut(node, parent, source));
    for (const key in node) {
      const child = node[key];
      for (const each of Array.isArray(child) ? child : [child]) if (isNode(each)) waiting.push([each, node]);
    }
  }
  return found;
}

function cut(node: SyntaxNode, parent: SyntaxNode | undefined, source: string): CutFunction {
  const isHeld = parent !== undefined && parent.value === node;
  if (isHeld && parent.kind === 'constructor') return { node, text: undefined, start: node.start, key: undefined };
  const isMember =
    isHeld && (parent.type === 'MethodDefinition' || parent.method === true || /^[gs]et$/.test(String(parent.kind)));
  if (!isMember) return { node, text: source.slice(node.start, node.end), start: node.start, key: undefined };
  const whole = source.slice(parent.start, parent.end);
  const skipped = parent.static ? (/^static(?:\s|\/\*[\s\S]*?\*\/)*/.exec(whole)?.[0].length ?? 0) : 0;
  const key = parent.computed ? (parent.key as SyntaxNode) : undefined;
  return { node, text: whole.slice(skipped), start: parent.start + skipped, key };
}

function isNode(value: unknown): value is SyntaxNode {
  return typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string';
}
