import { sourceIn } from '../capture.ts';
import { environmentOf } from '../environment.ts';
import { UnserializableError } from '../errors.ts';
import type { FreeVariable } from '../free-variables.ts';
import { type FunctionSource, functionSource, PARENT, PRIVATE_STATIC, privateStatics } from '../function-source.ts';
import { type FunctionInternals, inspector, type ScopeSnapshot } from '../inspector.ts';
import { isByReference } from '../packages.ts';
import { localOf, noteUser } from '../references.ts';
import { type Script, scriptOf } from '../scripts.ts';
import { isStandardGlobal } from '../standard-globals.ts';
import { sha256 } from './graph.ts';
import { loadsOf } from './loads.ts';
import { type Origin, originOf } from './origins.ts';
import { packageOfScript } from './package-name.ts';
import { declaredPrint, type Letter, type Print, printOf, textId } from './print.ts';
import { renamedIn } from './tokens.ts';

/** A variable that a function uses. */
export interface Variable {
  readonly name: string;
  /** The same whatever else is in the file. */
  readonly label: string;
  readonly letter: Letter;
  /** Package and export that it comes from. */
  readonly from?: string;
  /** The members that are used, where it is used in no other way. */
  readonly members?: ReadonlySet<string>;
  readonly memberLetters?: ReadonlyMap<string, Letter>;
  readonly value: unknown;
  /** Its value can't be read here. */
  readonly isUnseen?: boolean;
}

/** A function as a fingerprint sees it. */
export interface Look {
  /** Identity of its text. */
  readonly id: string;
  readonly url: string;
  readonly isClass: boolean;
  /** The package that its code is from. */
  readonly package?: string;
  readonly variables: readonly Variable[];
  /** What it uses that nothing tells of: `this` of an outer function, direct eval. */
  readonly unseen: readonly string[];
}

interface Kept {
  readonly look: Look;
  /** A variable of it is written: its value may be another one by now. */
  readonly hasWritten: boolean;
}

const looks = new WeakMap<object, Kept>();
const toText = Function.prototype.toString;

/** Looks at a function of the user's. Kept where nothing that counts can change. */
export function lookAt(fn: object, internals: FunctionInternals | undefined, withValues: boolean): Look {
  const known = looks.get(fn);
  if (known !== undefined && !(withValues && known.hasWritten)) return known.look;
  const look = lookNow(fn, internals);
  // the inspector shows a variable whose declaration has not run yet as undefined
  const isFixed = look.variables.every(
    ({ letter, isUnseen, value }) => !isUnseen && letter !== 'f' && !(letter === 'c' && value === undefined),
  );
  if (isFixed) looks.set(fn, { look, hasWritten: look.variables.some(({ letter }) => letter === 'r') });
  return look;
}

/** Whether this function was looked at and can only look the same again. */
export function isKnown(fn: object, withValues: boolean): boolean {
  const known = looks.get(fn);
  return known !== undefined && !(withValues && known.hasWritten);
}

function idOf(text: string): string {
  return sha256(`function ${text}`);
}

function lookNow(fn: object, internals: FunctionInternals | undefined): Look {
  const text = toText.call(fn);
  const origin = originOf(fn);
  if (origin?.kind === 'code') return rebuiltLook(text, origin);
  const environment = environmentOf(fn);
  if (environment === undefined && internals?.location !== undefined) {
    const script = scriptOf(internals.location.scriptId);
    try {
      return originalLook(fn, script, internals);
    } catch (error) {
      if (!(error instanceof UnserializableError)) throw error;
      return unreadable(text, script.url); // newer syntax than the parser's
    }
  }
  const source = sourceOf(text, !Object.hasOwn(fn, 'caller'));
  if (source === undefined) return unreadable(text, '');
  if (environment !== undefined) {
    const print = declaredPrint(text, source, (name) => name === PARENT || Object.hasOwn(environment, name));
    return lookWith(text, source, print, '', (name) => [
      name === PARENT ? Object.getPrototypeOf(fn) : environment[name],
    ]);
  }
  const print = declaredPrint(text, source, (name) => !isStandardGlobal(name));
  return lookWith(text, source, print, '', (name) => (name === PARENT ? [Object.getPrototypeOf(fn)] : undefined));
}

function unreadable(text: string, url: string): Look {
  return { id: idOf(textId(text, true)), url, isClass: false, variables: [], unseen: ['its variables'] };
}

function originalLook(fn: object, script: Script, internals: FunctionInternals): Look {
  const { scopes = [] } = internals;
  noteUser(script, scopes);
  const { text, source, place } = sourceIn(script, fn, internals, () => []);
  const print = printOf(text, source, script, place, scopes);
  const statics = privateStatics(source).length > 0 ? inspector().privateValues(fn) : undefined;
  const look = lookWith(text, source, print, script.url, (name) => {
    if (name === PARENT) return [Object.getPrototypeOf(fn)];
    if (name.startsWith(PRIVATE_STATIC)) return [statics?.get(name.slice(PRIVATE_STATIC.length))];
    return valueIn(scopes, name);
  });
  return isByReference(script.url) ? packagedLook(look, script, scopes) : look;
}

/** What a module of a package doesn't export is part of the package's version. */
function packagedLook(look: Look, script: Script, scopes: readonly ScopeSnapshot[]): Look {
  const variables = look.variables.map((variable): Variable => {
    const { name, value } = variable;
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return variable;
    return localOf(name, value, script, scopes) === undefined ? variable : { ...variable, letter: '-' };
  });
  return { ...look, package: packageOfScript(script.url), variables };
}

function rebuiltLook(text: string, { header, values, packages }: Extract<Origin, { kind: 'code' }>): Look {
  const { free, strict, url, print } = header;
  const source = sourceOf(text, strict);
  const known: Print = print ?? { id: textId(text, strict), kinds: 'f'.repeat(free.length) };
  const variables = free.map((name, at): Variable => {
    const from = known.packages?.[name] ?? packages.get(at);
    const variable = variableOf(name, name, known, at, source?.free.variables.get(name), [values[at]]);
    if (from === undefined || variable.letter === 'r') return variable;
    return from.includes(' ~') ? { ...variable, letter: '-' } : { ...variable, letter: 'p', from };
  });
  const labels = renamedIn(text, strict);
  const labelled = variables.map((each) => ({ ...each, label: labels.get(each.name) ?? each.name }));
  const look = {
    id: idOf(known.id),
    url,
    isClass: header.form === 'class',
    variables: labelled,
    unseen: loadsOf(text, free),
  };
  return isByReference(url) ? { ...look, package: packageOfScript(url) } : look;
}

function lookWith(
  text: string,
  source: FunctionSource,
  print: Print,
  url: string,
  read: (name: string) => readonly [unknown] | undefined,
): Look {
  const labels = renamedIn(text, source.strict);
  const variables = source.names.map((name, at) => {
    const isRead = print.kinds[at] !== '-' && print.kinds[at] !== 'p';
    const value = isRead ? read(name) : ([undefined] as const);
    return variableOf(name, labels.get(name) ?? name, print, at, source.free.variables.get(name), value);
  });
  const { evals, outer, privateNames } = source.free;
  const unseen = [...(evals ? ['eval'] : []), ...outer, ...privateNames, ...loadsOf(source.text, source.names)];
  return { id: idOf(print.id), url, isClass: source.parsed.form === 'class', variables, unseen };
}

function variableOf(
  name: string,
  label: string,
  { kinds, packages, members }: Print,
  at: number,
  use: FreeVariable | undefined,
  value: readonly [unknown] | undefined,
): Variable {
  const letters = members?.[name];
  const from = packages?.[name];
  return {
    name,
    label,
    letter: kinds[at] as Letter,
    value: value?.[0],
    ...(value === undefined && { isUnseen: true }),
    ...(from !== undefined && { from }),
    ...(use?.members !== undefined && !use.written && { members: use.members }),
    ...(letters !== undefined && {
      memberLetters: new Map(letters.map((each) => [each.slice(1), each[0] as Letter])),
    }),
  };
}

function sourceOf(text: string, strict: boolean): FunctionSource | undefined {
  try {
    return functionSource(text, strict);
  } catch {
    return undefined; // newer syntax than the parser's
  }
}

function scopeOf(scopes: readonly ScopeSnapshot[], name: string): ScopeSnapshot | undefined {
  return scopes.find(({ description, object }) => description !== 'Global' && Object.hasOwn(object, name));
}

/** Undefined where it is not initialised yet. */
function valueIn(scopes: readonly ScopeSnapshot[], name: string): readonly [unknown] | undefined {
  const scope = scopeOf(scopes, name);
  try {
    return [scope === undefined ? (globalThis as Record<string, unknown>)[name] : scope.object[name]];
  } catch {
    return undefined;
  }
}
