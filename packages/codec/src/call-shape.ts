import type { SyntaxNode } from './free-variables.ts';
import { type FunctionSource, functionSource } from './function-source.ts';
import { functionTokens } from './source.ts';

/** What a parameter is, as far as the text of its function tells. */
export interface Parameter {
  /** Absent for patterns. */
  readonly name?: string;
  /** It takes all further arguments. */
  readonly rest: boolean;
  /** What stands for `undefined`: a literal's value, or that the text computes something. */
  readonly default?: DefaultValue;
  /** Of a pattern `{ a, b = 1 }`: the properties that it names. */
  readonly properties?: readonly Property[];
}

/** A property that a pattern takes from an argument. */
export interface Property {
  readonly name: string;
  readonly default?: DefaultValue;
}

export type DefaultValue = { readonly literal: unknown } | 'computed';

/** How a function takes what it is called with. */
export interface CallShape {
  readonly parameters: readonly Parameter[];
  /** It may look at `arguments`: also at what is past its parameters. */
  readonly usesArguments: boolean;
  /** It may look at the `this` of its call. */
  readonly usesThis: boolean;
}

/** How a function takes what it is called with, by its text. Undefined for native functions and syntax that the parser can't read. */
export function callShape(fn: object): CallShape | undefined {
  const text = Function.prototype.toString.call(fn);
  const strict = !Object.hasOwn(fn, 'caller');
  const source = sourceOf(text, strict);
  if (source === undefined || source.parsed.form === 'class') return undefined;
  const { node, form } = source.parsed;
  const callable = (form === 'member' ? node.value : node) as SyntaxNode;
  const words = callable.type === 'ArrowFunctionExpression' ? new Set<string>() : wordsOf(text, strict);
  const evals = words.has('eval');
  return {
    parameters: (callable.params as SyntaxNode[]).map(parameterOf),
    usesArguments: evals || words.has('arguments'),
    usesThis: evals || words.has('this') || words.has('super'),
  };
}

function sourceOf(text: string, strict: boolean): FunctionSource | undefined {
  try {
    return functionSource(text, strict);
  } catch {
    return undefined;
  }
}

function wordsOf(text: string, strict: boolean): ReadonlySet<string> {
  return new Set(functionTokens(text, strict).map(({ start, end }) => text.slice(start, end)));
}

function parameterOf(node: SyntaxNode): Parameter {
  switch (node.type) {
    case 'RestElement':
      return { ...parameterOf(node.argument as SyntaxNode), rest: true };
    case 'AssignmentPattern':
      return { ...parameterOf(node.left as SyntaxNode), default: defaultOf(node.right as SyntaxNode) };
    case 'Identifier':
      return { name: node.name as string, rest: false };
    case 'ObjectPattern':
      return { rest: false, properties: (node.properties as SyntaxNode[]).flatMap(propertyOf) };
    default:
      return { rest: false };
  }
}

function propertyOf({ type, computed, key, value }: SyntaxNode): Property[] {
  if (type === 'RestElement' || computed) return [];
  const { name, value: literal } = key as SyntaxNode;
  const property = { name: String(name ?? literal) };
  const { type: kind, right } = value as SyntaxNode;
  return [kind === 'AssignmentPattern' ? { ...property, default: defaultOf(right as SyntaxNode) } : property];
}

function defaultOf(node: SyntaxNode): DefaultValue {
  const literal = literalOf(node);
  return literal === undefined ? 'computed' : { literal: literal[0] };
}

/** The value of a literal; undefined for any other expression. */
function literalOf(node: SyntaxNode): readonly [unknown] | undefined {
  switch (node.type) {
    case 'Literal':
      return node.value instanceof RegExp ? undefined : [node.value];
    case 'Identifier':
      return node.name === 'undefined' ? [undefined] : undefined;
    case 'UnaryExpression': {
      const of = literalOf(node.argument as SyntaxNode);
      return node.operator === '-' && typeof of?.[0] === 'number' ? [-of[0]] : undefined;
    }
    case 'ArrayExpression':
      return (node.elements as unknown[]).length === 0 ? [[]] : undefined;
    case 'ObjectExpression':
      return (node.properties as unknown[]).length === 0 ? [{}] : undefined;
    default:
      return undefined;
  }
}
