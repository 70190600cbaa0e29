import { createHash } from 'node:crypto';
import type { FreeVariable, Placed } from '../free-variables.ts';
import type { FunctionSource, Place } from '../function-source.ts';
import type { ScopeSnapshot } from '../inspector.ts';
import { placedAt, type Script } from '../scripts.ts';
import { type Nature, natureOf } from './nature.ts';
import { normalText } from './tokens.ts';

/**
 * What of a variable counts.
 * `c` a constant: what it holds counts; `f` perhaps written: only a function in it counts; `r` written elsewhere:
 * nothing counts; `p` a package's; `-` nothing to count: the language's, or made anew by whoever runs the code.
 */
export type Letter = 'c' | 'f' | 'r' | 'p' | '-';

/** What a function's fingerprint is made of, as far as its place in its script tells: it travels with its code. */
export interface Print {
  /** Of its text. */
  readonly id: string;
  /** A letter for each free name. */
  readonly kinds: string;
  /** Where names come from that packages export. */
  readonly packages?: Readonly<Record<string, string>>;
  /** Letters of the members of namespaces, as `letter + name`. */
  readonly members?: Readonly<Record<string, readonly string[]>>;
}

/** The print of a function as its script has it; made once for each place. */
export function printOf(
  text: string,
  source: FunctionSource,
  script: Script,
  place: Place,
  scopes: readonly ScopeSnapshot[],
): Print {
  const key = `${script.id}:${place.line}:${place.column}`;
  let print = source.prints.get(key);
  if (print === undefined) {
    print = makePrint(text, source, (name, use) => natureOf(name, use, scopes, script, placeIn(script, place)));
    source.prints.set(key, print);
  }
  return print;
}

/** The print of a function whose variables are declared. */
export function declaredPrint(text: string, source: FunctionSource, isDeclared: (name: string) => boolean): Print {
  return makePrint(text, source, (name) => ({ letter: isDeclared(name) ? 'c' : '-' }));
}

/** Of the tokens of a text. */
export function textId(text: string, strict: boolean): string {
  return createHash('sha256').update(normalText(text, strict).text).digest('base64url');
}

function placeIn(script: Script, place: Place): () => Placed | undefined {
  return () => placedAt(script, place);
}

const UNUSED: FreeVariable = { written: false, members: undefined };

function makePrint(text: string, source: FunctionSource, nature: (name: string, use: FreeVariable) => Nature): Print {
  const packages: Record<string, string> = {};
  const members: Record<string, readonly string[]> = {};
  let kinds = '';
  for (const name of source.names) {
    const found = nature(name, source.free.variables.get(name) ?? UNUSED);
    kinds += found.letter;
    if (found.from !== undefined) packages[name] = found.from;
    if (found.members !== undefined) members[name] = found.members;
  }
  return {
    id: textId(text, source.strict),
    kinds,
    ...(Object.keys(packages).length > 0 && { packages }),
    ...(Object.keys(members).length > 0 && { members }),
  };
}
