import { FACTORY, hasCode, headerOf } from '../codes.ts';
import { declarationOf, type FreeVariable, type Placed, type SyntaxNode } from '../free-variables.ts';
import { IMPORT, META, PARENT, PRIVATE_STATIC } from '../function-source.ts';
import type { ScopeSnapshot } from '../inspector.ts';
import { isByReference } from '../packages.ts';
import { importedAs, importOf, referenceOf } from '../references.ts';
import { syntaxOf } from '../script-syntax.ts';
import { layout, type Script } from '../scripts.ts';
import { isStandardGlobal } from '../standard-globals.ts';
import { exportLetter, memberLetter } from './exports.ts';
import { packageName } from './package-name.ts';
import type { Letter } from './print.ts';

/** What a free name of a function is. */
export interface Nature {
  readonly letter: Letter;
  /** Package and export. */
  readonly from?: string;
  /** See `Print.members`. */
  readonly members?: readonly string[];
}

const NOTHING: Nature = { letter: '-' };
const CONSTANT: Nature = { letter: 'c' };
const UNSURE: Nature = { letter: 'f' };
const PROVIDED: ReadonlySet<string> = new Set([
  IMPORT,
  META,
  '__vite_ssr_dynamic_import__',
  '__vite_ssr_import_meta__',
  '__filename',
  '__dirname',
  'require',
]);

/** Larger scripts are bundles: parsing them would cost more than knowing which of their variables are written. */
const LARGEST = 2_000_000;

/** What a name stands for that a function of a script uses. */
export function natureOf(
  name: string,
  use: FreeVariable,
  scopes: readonly ScopeSnapshot[],
  script: Script,
  placed: () => Placed | undefined,
): Nature {
  if (name === PARENT) return CONSTANT;
  if (name.startsWith(PRIVATE_STATIC)) return UNSURE;
  const scope = scopes.find(({ description, object }) => description !== 'Global' && Object.hasOwn(object, name));
  if (scope === undefined) return isStandardGlobal(name) || !Object.hasOwn(globalThis, name) ? NOTHING : UNSURE;
  const isModules = scope.description === 'Module';
  if (isModules) {
    const reference = importOf(name, script);
    if (reference !== undefined) return { letter: 'p', from: packageName(reference) };
  }
  if (isByReference(script.url)) return isModules || scope === outermost(scopes) ? NOTHING : UNSURE;
  const text = script.text();
  const found = text.length > LARGEST ? undefined : layout(script);
  if (found === undefined) return UNSURE;
  const declaration = declarationOf(name, placed()?.scope ?? found.top);
  if (PROVIDED.has(name) && (declaration === undefined || name === IMPORT || name === META)) return NOTHING;
  const sent = declaration && sentNature(name, use, declaration.owner);
  if (sent !== undefined) return sent;
  if (PROVIDED.has(name)) return NOTHING;
  if (declaration === undefined) return /^(?:exports|module)$/.test(name) ? CONSTANT : UNSURE;
  const imported = isModules ? syntaxOf(script).imports.get(name) : undefined;
  if (imported !== undefined) {
    if (imported.imported !== undefined) return { letter: exportLetter(script, imported.specifier, imported.imported) };
    if (use.members === undefined) return CONSTANT;
    const letters = [...use.members].map((member) => exportLetter(script, imported.specifier, member) + member);
    return { letter: 'c', members: letters };
  }
  const letter = declaration.reassignedElsewhere ? 'r' : declaration.reassigned || use.written ? 'f' : 'c';
  if (use.members === undefined || letter !== 'c') return { letter };
  const awaited = importedAs(name, script);
  if (awaited !== undefined) return { letter: 'p', from: packageName(awaited) };
  const namespace = namespaceIn(scope, name);
  if (namespace === undefined) return { letter };
  const packaged = referenceOf(namespace);
  if (packaged !== undefined) return { letter: 'p', from: packageName(packaged) };
  return { letter, members: [...use.members].map((member) => memberLetter(namespace, member) + member) };
}

/** A module's own scope, as CommonJS has it. */
function outermost(scopes: readonly ScopeSnapshot[]): ScopeSnapshot | undefined {
  return scopes.filter(({ description }) => description.startsWith('Closure')).at(-1);
}

/** Rebuilt code: the sender said what the names are that its factory gives. */
function sentNature(name: string, use: FreeVariable, owner: object): Nature | undefined {
  const hash = factoryHash(owner as SyntaxNode);
  if (hash === undefined || !hasCode(hash)) return undefined;
  const { free, print } = headerOf(hash);
  const at = free.indexOf(name);
  if (at < 0) return undefined;
  if (print === undefined) return UNSURE;
  const from = print.packages?.[name];
  const members = use.members && print.members?.[name];
  return {
    letter: print.kinds[at] as Letter,
    ...(from !== undefined && { from }),
    ...(members !== undefined && { members }),
  };
}

function factoryHash({ body }: SyntaxNode): string | undefined {
  const statements = (body as SyntaxNode | undefined)?.body;
  if (!Array.isArray(statements)) return undefined;
  for (const { expression } of (statements as SyntaxNode[]).slice(0, 2)) {
    const value = (expression as { value?: unknown } | undefined)?.value;
    if (typeof value === 'string' && value.startsWith(FACTORY)) return value.slice(FACTORY.length);
  }
  return undefined;
}

/** Objects that compilers and vitest put in the place of module namespaces. */
function namespaceIn({ object }: ScopeSnapshot, name: string): object | undefined {
  let value: unknown;
  try {
    value = object[name];
  } catch {
    return undefined;
  }
  return isNamespace(value) ? value : undefined;
}

/** Module namespaces, and what stands for them in code that was compiled. */
export function isNamespace(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  try {
    if (Object.hasOwn(value, '__esModule')) return true;
    return Object.getOwnPropertyDescriptor(value, Symbol.toStringTag)?.value === 'Module';
  } catch {
    return false; // a proxy of the user's that throws
  }
}
