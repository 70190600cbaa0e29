import type { SyntaxNode } from './free-variables.ts';

interface Parser {
  parseScript(text: string, options: object): unknown;
  parseModule(text: string, options: object): unknown;
}

let parser: Parser | undefined;

/** Loaded at the first capture: workers that only rebuild never pay for it. */
function loadParser(): Parser {
  // Node's own module, whatever a test runner has put in the place of imports
  parser ??= process.getBuiltinModule('node:module').createRequire(import.meta.url)('meriyah') as Parser;
  return parser;
}

const OPTIONS = { ranges: true, next: true, lexical: false, webcompat: true };

/** Parses a whole script or module. @throws SyntaxError */
export function parseProgram(text: string, isModule: boolean): SyntaxNode {
  const { parseScript, parseModule } = loadParser();
  return (isModule ? parseModule(text, OPTIONS) : parseScript(text, { ...OPTIONS, globalReturn: true })) as SyntaxNode;
}

/** How a function's text must be put so that it is an expression. */
export type Form = 'expression' | 'class' | 'member';

/** A function's own text, parsed. Positions in `node` count from `-offset`. */
export interface ParsedFunction {
  readonly form: Form;
  /** The function or class; for members the property that holds it. */
  readonly node: SyntaxNode;
  /** Add it to a position in `node` to get the one in the text. */
  readonly offset: number;
}

/** Parses what `Function.prototype.toString` gave. @throws SyntaxError with the first complaint */
export function parseFunction(text: string, strict: boolean): ParsedFunction {
  try {
    const node = expressionOf(`(${text}\n)`, strict);
    if (/Function|Class/.test(node.type))
      return { form: node.type.startsWith('Class') ? 'class' : 'expression', node, offset: -1 };
  } catch (error) {
    const member = tryMember(text, strict);
    if (member === undefined) throw error;
    return member;
  }
  const member = tryMember(text, strict);
  if (member === undefined) throw new SyntaxError('not the text of a function');
  return member;
}

function tryMember(text: string, strict: boolean): ParsedFunction | undefined {
  try {
    const object = expressionOf(`({${text}\n})`, strict);
    const [node] = object.properties as SyntaxNode[];
    return node && { form: 'member', node, offset: -2 };
  } catch {
    return undefined;
  }
}

function expressionOf(text: string, strict: boolean): SyntaxNode {
  const program = parseProgram(text, strict);
  const [statement] = program.body as SyntaxNode[];
  return statement?.expression as SyntaxNode;
}

/** Private fields, methods and accessors that a class gives its instances, by its text. */
export function privateNamesIn(text: string): readonly string[] {
  const { node } = parseFunction(text, true);
  const members = (node.body as SyntaxNode).body as SyntaxNode[];
  return members.flatMap(({ key, static: isStatic }) => {
    const { type, name } = (key ?? {}) as { type?: string; name?: string };
    if (isStatic || !(type === 'PrivateIdentifier' || type === 'PrivateName')) return [];
    return [name?.startsWith('#') ? name : `#${name}`];
  });
}

/** A token of a program, or a semicolon that the language inserts (`start` is `end`). */
export interface Token {
  readonly start: number;
  readonly end: number;
}

/** The tokens of what `Function.prototype.toString` gave, in order. @throws SyntaxError */
export function functionTokens(text: string, strict: boolean): readonly Token[] {
  const { form, offset } = parseFunction(text, strict);
  const [before, after] = form === 'member' ? ['({', '\n})'] : ['(', '\n)'];
  const found: Token[] = [];
  const add = (start: number, end: number): void => {
    const token = { start: start + offset, end: end + offset };
    if (token.start >= 0 && token.end <= text.length) found.push(token);
  };
  const { parseScript, parseModule } = loadParser();
  const options = {
    ...OPTIONS,
    onToken: (_kind: string, start: number, end: number) => add(start, end),
    onInsertedSemicolon: (at: number) => add(at, at),
  };
  if (strict) parseModule(before + text + after, options);
  else parseScript(before + text + after, { ...options, globalReturn: true });
  return found.sort((a, b) => a.end - b.end || a.start - b.start);
}
