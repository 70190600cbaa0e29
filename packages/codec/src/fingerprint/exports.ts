import { types } from 'node:util';
import { freeVariables, type SyntaxNode } from '../free-variables.ts';
import { functionSource, startOf } from '../function-source.ts';
import { inspector } from '../inspector.ts';
import { fromRoot, pathOf, resolveBare } from '../packages.ts';
import { syntaxOf } from '../script-syntax.ts';
import { type Layout, layout, placedAt, type Script, scriptOf, scriptOfFile } from '../scripts.ts';
import { natureOf } from './nature.ts';
import type { Letter } from './print.ts';

const DEPTH = 20;

/** Whether what a module of the user's exports is ever written again. `f` where that can't be told. */
export function exportLetter(from: Script, specifier: string, exported: string, depth = 0): Letter {
  if (specifier.startsWith('node:')) return 'c';
  const target = depth > DEPTH ? undefined : targetOf(specifier, from.url);
  const found = target && layout(target);
  if (target === undefined || found === undefined) return 'f';
  return target.isModule ? moduleLetter(target, found, exported, depth) : commonLetter(found, exported);
}

function moduleLetter(target: Script, { program, top }: Layout, exported: string, depth: number): Letter {
  const stars: string[] = [];
  for (const statement of program.body as SyntaxNode[]) {
    const source = (statement.source as { value?: string } | null | undefined)?.value;
    if (statement.type === 'ExportAllDeclaration') {
      if (statement.exported === null || statement.exported === undefined) stars.push(source as string);
      else if (nameOf(statement.exported as SyntaxNode) === exported) return 'c';
    } else if (statement.type === 'ExportDefaultDeclaration') {
      const { id } = statement.declaration as { id?: SyntaxNode | null };
      if (exported === 'default') return id ? localLetter(id.name as string, target, top, depth) : 'c';
    } else if (statement.type === 'ExportNamedDeclaration') {
      for (const each of (statement.specifiers ?? []) as SyntaxNode[]) {
        if (nameOf(each.exported as SyntaxNode) !== exported) continue;
        const local = nameOf(each.local as SyntaxNode);
        return source === undefined
          ? localLetter(local, target, top, depth)
          : exportLetter(target, source, local, depth + 1);
      }
      if (declares(statement.declaration as SyntaxNode | null, exported))
        return localLetter(exported, target, top, depth);
    }
  }
  for (const star of stars) {
    const letter = exportLetter(target, star, exported, depth + 1);
    if (letter !== 'f') return letter;
  }
  return 'f';
}

function declares(declaration: SyntaxNode | null | undefined, name: string): boolean {
  if (!declaration) return false;
  if (declaration.id) return (declaration.id as SyntaxNode).name === name;
  const patterns = ((declaration.declarations ?? []) as { id: SyntaxNode }[]).map(({ id }) => id);
  // a pattern declares the names that are free in it when it is read as an expression
  return patterns.some((id) => (id.type === 'Identifier' ? id.name === name : namesIn(id).has(name)));
}

/** An exported name: an identifier, or a string. */
function nameOf({ type, name, value }: SyntaxNode): string {
  return (type === 'Identifier' ? name : value) as string;
}

function namesIn(pattern: unknown): Set<string> {
  const found = new Set<string>();
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    if (Array.isArray(node)) {
      for (const each of node) visit(each);
      return;
    }
    const { type, name } = node as SyntaxNode;
    if (type === 'Identifier') found.add(name as string);
    else if (type === 'Property') visit((node as SyntaxNode).value);
    else if (type === 'AssignmentPattern') visit((node as SyntaxNode).left);
    else for (const key of ['properties', 'elements', 'argument']) visit((node as SyntaxNode)[key]);
  };
  visit(pattern);
  return found;
}

function localLetter(local: string, script: Script, top: Layout['top'], depth: number): Letter {
  const imported = syntaxOf(script).imports.get(local);
  if (imported !== undefined)
    return imported.imported === undefined
      ? 'c'
      : exportLetter(script, imported.specifier, imported.imported, depth + 1);
  const declaration = top.names.get(local);
  if (declaration === undefined) return 'f';
  return declaration.reassignedElsewhere ? 'r' : declaration.reassigned ? 'f' : 'c';
}

/** `exports.name = value`, once, at the top of a CommonJS module. */
function commonLetter({ program }: Layout, exported: string): Letter {
  let count = 0;
  let isInside = false;
  const visit = (node: unknown, inside: boolean): void => {
    if (typeof node !== 'object' || node === null) return;
    if (Array.isArray(node)) {
      for (const each of node) visit(each, inside);
      return;
    }
    const { type, left, argument, right } = node as SyntaxNode;
    if (typeof type !== 'string') return;
    const target = type === 'AssignmentExpression' ? left : type === 'UpdateExpression' ? argument : undefined;
    if (isExport(target, exported) && !isVoid(right)) {
      count += 1;
      isInside ||= inside;
    }
    const within = inside || /^(?:Function|ArrowFunction|Class)/.test(type);
    for (const key in node) if (key !== 'range' && key !== 'loc') visit((node as SyntaxNode)[key], within);
  };
  visit(program.body, false);
  return count === 0 ? 'f' : count === 1 && !isInside ? 'c' : 'r';
}

function isExport(target: unknown, name: string): boolean {
  const { type, object, property, computed } = (target ?? {}) as SyntaxNode & { computed?: boolean };
  if (type !== 'MemberExpression' || computed || (property as SyntaxNode).name !== name) return false;
  const { name: holder, property: inner } = object as SyntaxNode & { property?: SyntaxNode };
  return holder === 'exports' || inner?.name === 'exports';
}

/** `exports.a = exports.b = void 0`, with which compilers begin. */
function isVoid(value: unknown): boolean {
  const { type, operator, right } = (value ?? {}) as SyntaxNode;
  return type === 'AssignmentExpression' ? isVoid(right) : type === 'UnaryExpression' && operator === 'void';
}

/** Whether a member of what stands for a module's namespace is ever written again. */
export function memberLetter(namespace: object, member: string): Letter {
  const plain = types.isProxy(namespace) ? inspector().proxy(namespace).target : namespace;
  const property = plain === null ? undefined : Object.getOwnPropertyDescriptor(plain, member);
  if (property?.get !== undefined) return getterLetter(property.get);
  const script = plain === null ? undefined : commonScript(plain);
  const found = script && layout(script);
  return found === undefined ? 'f' : commonLetter(found, member);
}

/** A getter that only reads a variable: whether that is written. */
function getterLetter(get: () => unknown): Letter {
  const { location, scopes = [] } = inspector().internals(get);
  if (location === undefined) return 'f';
  const script = scriptOf(location.scriptId);
  const text = Function.prototype.toString.call(get);
  try {
    const { parsed, anchor } = functionSource(text, true);
    const names = [...freeVariables(parsed.node, true).variables];
    const [[name, use] = ['', undefined]] = names;
    if (names.length !== 1 || use === undefined) return 'f';
    const place = parsed.form === 'member' ? location : startOf(text, anchor, location);
    const { letter, members } = natureOf(name, use, scopes, script, () => placedAt(script, place));
    if (use.members === undefined) return letter === 'p' ? 'c' : letter;
    return use.members.size === 1 && members?.length === 1 ? (members[0]?.[0] as Letter) : 'f';
  } catch {
    return 'f';
  }
}

function commonScript(exports: object): Script | undefined {
  const { cache } = process.getBuiltinModule('node:module').createRequire(import.meta.url);
  for (const file in cache) if (cache[file]?.exports === exports) return scriptOfFile(file);
  return undefined;
}

const SWAPS: readonly (readonly [RegExp, readonly string[]])[] = [
  [/$/, ['', '.ts', '.js', '.tsx', '.mts', '.mjs', '.cjs', '/index.ts', '/index.js']],
  [/\.js$/, ['.ts', '.tsx']],
  [/\.mjs$/, ['.mts']],
  [/\.cjs$/, ['.cts']],
];

/** The script that a specifier means, among those of the user's that are loaded. */
function targetOf(specifier: string, from: string): Script | undefined {
  const base = pathOf(from);
  if (base === undefined) return undefined;
  const bare = /^[./]/.test(specifier) || specifier.startsWith('file:') ? undefined : resolveBare(specifier, from)?.url;
  const path = bare === undefined ? relativePath(specifier, base) : pathOf(bare);
  if (path === undefined) return undefined;
  for (const [ending, others] of SWAPS) {
    if (!ending.test(path)) continue;
    for (const other of others) {
      const script = scriptOfFile(path.replace(ending, other));
      if (script !== undefined) return script;
    }
  }
  return undefined;
}

function relativePath(specifier: string, base: string): string | undefined {
  if (specifier.startsWith('/')) return fromRoot(specifier.replace(/[?#].*$/, ''));
  if (!specifier.startsWith('.') && !specifier.startsWith('file:')) return undefined;
  try {
    return pathOf(new URL(specifier, `file://${encodeURI(base)}`).href);
  } catch {
    return undefined;
  }
}
