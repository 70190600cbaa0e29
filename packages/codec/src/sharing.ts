import type { Captured } from './capture.ts';
import { cellOf } from './cells.ts';
import { contextsOf } from './contexts.ts';
import { declarationOf, type SyntaxNode } from './free-variables.ts';
import { placedAt } from './scripts.ts';

/** A captured function with its node. */
export interface FunctionNode {
  readonly fn: object;
  readonly captured: Captured;
  readonly slots: readonly number[];
}

/** A variable that several functions use and one writes: it is one variable after the trip too. */
export interface SharedVariable {
  readonly name: string;
  /** Nodes of the functions, in the order of their capture. */
  readonly users: readonly number[];
}

/** Which functions use one and the same variable could not be told. */
export interface Ambiguity {
  readonly name: string;
  readonly users: readonly number[];
}

type Verdict = 'same' | 'different' | 'unknown';

/**
 * Finds the variables that functions share and write. Never a guess: one scope of a module, a constant that each run
 * of the code around makes anew, what rebuilt functions were built with, and at last V8's own word decide.
 */
export function sharedVariables(functions: ReadonlyMap<number, FunctionNode>): { readonly shared: readonly SharedVariable[]; readonly unclear: readonly Ambiguity[] } {
  const shared: SharedVariable[] = [];
  const unclear: Ambiguity[] = [];
  for (const [name, ids] of candidates(functions)) {
    const groups: number[][] = [];
    const undecided: [number, number][] = [];
    for (const id of ids) {
      const verdicts = groups.map((group) => compare(functions.get(group[0] as number) as FunctionNode, functions.get(id) as FunctionNode, name));
      const same = verdicts.indexOf('same');
      if (same >= 0) groups[same]?.push(id);
      else {
        for (const [at, verdict] of verdicts.entries()) if (verdict === 'unknown') undecided.push([groups[at]?.[0] as number, id]);
        groups.push([id]);
      }
    }
    const joined = undecided.length === 0 ? groups : askHeap(functions, name, groups);
    if (joined === undefined) {
      unclear.push({ name, users: undecided[0] as [number, number] });
      continue;
    }
    for (const users of joined) if (users.length > 1 && users.some((id) => writes(functions.get(id) as FunctionNode, name))) shared.push({ name, users });
  }
  return { shared, unclear };
}

/** Functions of one script that use a variable of one name which one of them writes. */
function candidates(functions: ReadonlyMap<number, FunctionNode>): [name: string, ids: number[]][] {
  const found = new Map<string, { readonly name: string; readonly ids: number[]; written: boolean }>();
  for (const [id, { captured, slots }] of functions) {
    const { free, writes: written } = captured.code.header;
    for (const [at, name] of free.entries()) {
      if (slots[at] === -1 || captured.bindings[at]?.kind !== 'value' || scopeOf(captured, name) === undefined) continue;
      const key = `${captured.script.id} ${name}`;
      let entry = found.get(key);
      if (entry === undefined) found.set(key, (entry = { name, ids: [], written: false }));
      entry.ids.push(id);
      entry.written ||= written.includes(at);
    }
  }
  return [...found.values()].flatMap(({ name, ids, written }) => (written && ids.length > 1 ? [[name, ids] as [string, number[]]] : []));
}

function writes({ captured }: FunctionNode, name: string): boolean {
  const { free, writes: written } = captured.code.header;
  return written.includes(free.indexOf(name));
}

function scopeOf(captured: Captured, name: string): Captured['scopes'][number] | undefined {
  return captured.scopes.find(({ object }) => Object.hasOwn(object, name));
}

function compare(a: FunctionNode, b: FunctionNode, name: string): Verdict {
  const first = scopeOf(a.captured, name);
  const second = scopeOf(b.captured, name);
  if (first === undefined || second === undefined || first.description !== second.description) return 'different';
  if (first.description === 'Module') return 'same';
  const cells = [cellOf(a.fn, name), cellOf(b.fn, name)];
  if (cells[0] !== undefined || cells[1] !== undefined) return cells[0] === cells[1] ? 'same' : 'different';
  const names = Object.keys(first.object);
  if (names.length !== Object.keys(second.object).length || names.some((each) => !Object.hasOwn(second.object, each))) return 'different';
  return byConstants(a.captured, b.captured, name, first.object, second.object);
}

/** Each run of a scope makes its functions and literals anew: if one of its constants is the same object, so is the scope. */
function byConstants(a: Captured, b: Captured, name: string, first: Readonly<Record<string, unknown>>, second: Readonly<Record<string, unknown>>): Verdict {
  const place = placedAt(a.script, a.place);
  const other = placedAt(b.script, b.place);
  if (place === undefined || other === undefined) return 'unknown';
  if (declarationOf(name, place.scope) !== declarationOf(name, other.scope)) return 'different';
  for (const each of Object.keys(first)) {
    if (scopeOf(a, each)?.object !== first || scopeOf(b, each)?.object !== second) continue;
    const declaration = declarationOf(each, place.scope);
    if (declaration === undefined || declaration.reassigned || declaration !== declarationOf(each, other.scope)) continue;
    if (!makesAnew(declaration.init) || first[each] === undefined || second[each] === undefined) continue;
    return first[each] === second[each] ? 'same' : 'different';
  }
  return 'unknown';
}

const ANEW: ReadonlySet<string> = new Set([
  'FunctionDeclaration',
  'FunctionExpression',
  'ArrowFunctionExpression',
  'ClassDeclaration',
  'ClassExpression',
  'ObjectExpression',
  'ArrayExpression',
]);

function makesAnew(init: SyntaxNode | undefined): boolean {
  return init !== undefined && ANEW.has(init.type);
}

/** The scopes themselves, as V8 has them in its heap. */
function askHeap(functions: ReadonlyMap<number, FunctionNode>, name: string, groups: readonly number[][]): number[][] | undefined {
  const first = groups.map(([id]) => functions.get(id as number) as FunctionNode);
  const contexts = contextsOf(first.map(({ fn }) => fn));
  if (contexts === undefined) return undefined;
  const joined = new Map<number, number[]>();
  for (const [at, { captured }] of first.entries()) {
    const depth = captured.scopes.findIndex(({ object }) => Object.hasOwn(object, name));
    const context = contexts[at]?.[depth];
    if (context === undefined) return undefined;
    joined.set(context, [...(joined.get(context) ?? []), ...(groups[at] as number[])]);
  }
  return [...joined.values()];
}
