import type { Captured } from './capture.ts';
import { cellOf } from './cells.ts';
import { contextsOf } from './contexts.ts';
import { type Declaration, declarationOf, type Placed, type Scope } from './free-variables.ts';
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

/** Users of one name whose scopes are told by V8's heap only. */
interface Open {
  readonly name: string;
  readonly clusters: Map<string, number[]>;
  readonly unknown: readonly number[];
}

/**
 * Finds the variables that functions share and write. Never a guess: one scope of a module, a constant that each run
 * of the code around makes anew, what rebuilt functions were built with, and at last V8's own word decide.
 */
export function sharedVariables(functions: ReadonlyMap<number, FunctionNode>): {
  readonly shared: readonly SharedVariable[];
  readonly unclear: readonly Ambiguity[];
} {
  const nodeOf = (id: number): FunctionNode => functions.get(id) as FunctionNode;
  const found = candidates(functions).map(({ name, ids }) => cluster(name, ids, nodeOf));
  const asked = [...new Set(found.flatMap(({ unknown }) => unknown))];
  const contexts = asked.length === 0 ? [] : contextsOf(asked.map((id) => nodeOf(id).fn));
  const unclear: Ambiguity[] = [];
  const shared: SharedVariable[] = [];
  for (const { name, clusters, unknown } of found) {
    for (const id of unknown) {
      const { captured } = nodeOf(id);
      const depth = captured.scopes.findIndex(({ object }) => Object.hasOwn(object, name));
      const context = contexts?.[asked.indexOf(id)]?.[depth];
      if (context === undefined) unclear.push({ name, users: [unknown[0] as number, unknown[1] as number] });
      else join(clusters, `heap ${context}`, id);
    }
    for (const users of clusters.values())
      if (users.length > 1 && users.some((id) => writes(nodeOf(id), name))) shared.push({ name, users });
  }
  return { shared, unclear };
}

/** Functions of one script that use a variable of one name which one of them writes. */
function candidates(
  functions: ReadonlyMap<number, FunctionNode>,
): { readonly name: string; readonly ids: readonly number[] }[] {
  const found = new Map<string, { readonly name: string; readonly ids: number[]; written: boolean }>();
  for (const [id, { captured, slots }] of functions) {
    if (captured.script === undefined) continue;
    const { free, writes: written } = captured.code.header;
    for (const [at, name] of free.entries()) {
      if (slots[at] === -1 || captured.bindings[at]?.kind !== 'value' || scopeOf(captured, name) === undefined)
        continue;
      const key = `${captured.script.id} ${name}`;
      let entry = found.get(key);
      if (entry === undefined) {
        entry = { name, ids: [], written: false };
        found.set(key, entry);
      }
      entry.ids.push(id);
      entry.written ||= written.includes(at);
    }
  }
  return [...found.values()].filter(({ ids, written }) => written && ids.length > 1);
}

function writes({ captured }: FunctionNode, name: string): boolean {
  const { free, writes: written } = captured.code.header;
  return written.includes(free.indexOf(name));
}

function scopeOf(captured: Captured, name: string): Captured['scopes'][number] | undefined {
  return captured.scopes.find(({ object }) => Object.hasOwn(object, name));
}

function join(clusters: Map<string, number[]>, key: string, id: number): void {
  const known = clusters.get(key);
  if (known === undefined) clusters.set(key, [id]);
  else known.push(id);
}

/** Sorts the users of one name by what proves whose variable is whose. */
function cluster(name: string, ids: readonly number[], nodeOf: (id: number) => FunctionNode): Open {
  const clusters = new Map<string, number[]>();
  const open: OpenUser[] = [];
  const numbers = new Map<unknown, number>();
  const numberOf = (value: unknown): number => {
    const known = numbers.get(value) ?? numbers.size;
    numbers.set(value, known);
    return known;
  };
  for (const id of ids) {
    const { fn, captured } = nodeOf(id);
    const scope = scopeOf(captured, name) as Captured['scopes'][number];
    const cell = cellOf(fn, name);
    const place = captured.script && placedAt(captured.script, captured.place);
    const declaration = place && declarationOf(name, place.scope);
    if (scope.description === 'Module') join(clusters, 'module', id);
    else if (cell !== undefined) join(clusters, `cell ${numberOf(cell)}`, id);
    else {
      const constant = place === undefined ? undefined : constantOf(captured, scope.object, place.scope);
      if (constant === undefined) open.push({ id, declaration, place, captured, variables: scope.object });
      else join(clusters, `constant ${numberOf(declaration)} ${numberOf(constant)}`, id);
    }
  }
  const unknown: number[] = [];
  for (const group of groupBy(open, ({ declaration }) => declaration).flatMap((each) => byFixed(each, numberOf))) {
    if (group.length === 1 || areApart(group)) for (const { id } of group) join(clusters, `alone ${id}`, id);
    else unknown.push(...group.map(({ id }) => id));
  }
  return { name, clusters, unknown };
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => unknown): T[][] {
  const groups = new Map<unknown, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return [...groups.values()];
}

/** A user whose variable is not told by a constant. */
interface OpenUser {
  readonly id: number;
  readonly declaration: Declaration | undefined;
  readonly place: Placed | undefined;
  readonly captured: Captured;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** Scopes whose parameters or constants hold different things are different scopes. */
function byFixed(group: readonly OpenUser[], numberOf: (value: unknown) => number): OpenUser[][] {
  const [{ captured, place, variables }] = group as [OpenUser];
  const names = Object.keys(variables).filter((name) => {
    const declaration = place && declarationOf(name, place.scope);
    if (declaration === undefined || declaration.reassigned || scopeOf(captured, name)?.object !== variables)
      return false;
    return group.every((user) => user.variables[name] !== undefined);
  });
  return groupBy(group, (user) => names.map((name) => numberOf(user.variables[name])).join());
}

/** Functions from one place that is passed once in each run of the code that declares the variable. */
function areApart(group: readonly OpenUser[]): boolean {
  const [{ place, declaration } = { place: undefined, declaration: undefined }] = group;
  if (place === undefined || declaration === undefined || !place.once || place.scope.owner !== declaration.owner)
    return false;
  return group.every((other) => other.place === place);
}

/** A constant of the scope that is made anew in each run: two scopes that have the same one are one scope. */
function constantOf(captured: Captured, variables: Readonly<Record<string, unknown>>, scope: Scope): unknown {
  for (const name of Object.keys(variables).sort()) {
    if (scopeOf(captured, name)?.object !== variables) continue;
    const declaration = declarationOf(name, scope);
    if (declaration === undefined || declaration.reassigned || !ANEW.has(declaration.init?.type ?? '')) continue;
    return variables[name]; // undefined before its declaration ran
  }
  return undefined;
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
