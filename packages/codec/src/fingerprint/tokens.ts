import { IMPORT, META } from '../function-source.ts';
import { functionTokens, type Token } from '../source.ts';

const BETWEEN = /^(?:\s|\/\/[^\n\r\u2028\u2029]*|\/\*[\s\S]*?\*\/)*$/;
/** Names that vitest numbers by the order of a file's imports, which are no part of the function. */
const NUMBERED = /^(__vite_ssr_import_|__vi_import_)\d+(__)$/;

/** The text of a function without what means nothing: comments, white space, whether a semicolon is written. */
export interface NormalText {
  readonly text: string;
  /** Names as `text` has them, where they are others. */
  readonly renamed: ReadonlyMap<string, string>;
}

/** The normal form of a function's text: the same for the same tokens. Text that the parser can't read stays as it is. */
export function normalText(text: string, strict: boolean): NormalText {
  const renamed = new Map<string, string>();
  let tokens: readonly Token[];
  try {
    tokens = tokensOf(text, strict);
  } catch {
    return { text: `text ${text}`, renamed };
  }
  const parts: string[] = [];
  let at = 0;
  for (const { start, end } of tokens) {
    if (start < at) {
      if (start === end || start >= end) continue;
      return { text: `text ${text}`, renamed };
    }
    if (!BETWEEN.test(text.slice(at, start))) return { text: `text ${text}`, renamed };
    const token = start === end ? ';' : text.slice(start, end);
    parts.push(...normalToken(token, renamed));
    at = end;
  }
  if (!BETWEEN.test(text.slice(at))) return { text: `text ${text}`, renamed };
  return { text: parts.map((part) => `${part.length}:${part}`).join(''), renamed };
}

/** Names as the normal form of a text has them, where they are others. */
export function renamedIn(text: string, strict: boolean): ReadonlyMap<string, string> {
  return text.includes('__vi') ? normalText(text, strict).renamed : NONE;
}

const NONE: ReadonlyMap<string, string> = new Map();

function tokensOf(text: string, strict: boolean): readonly Token[] {
  try {
    return functionTokens(text, strict);
  } catch (error) {
    if (!strict) throw error;
    return functionTokens(text, false); // taken for strict where that couldn't be told
  }
}

function normalToken(token: string, renamed: Map<string, string>): readonly string[] {
  if (token === IMPORT) return ['import'];
  if (token === META) return ['import', '.', 'meta'];
  const numbered = NUMBERED.exec(token);
  if (numbered !== null) {
    const name = renamed.get(token) ?? `${numbered[1]}${renamed.size}${numbered[2]}`;
    renamed.set(token, name);
    return [name];
  }
  const first = token.charCodeAt(0);
  return first === 0x60 || first === 0x7d ? [token.replace(/\r\n?/g, '\n')] : [token]; // as templates mean them
}
