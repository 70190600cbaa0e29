import { UnserializableError } from '@jobloom/codec';
import type { Holding } from './bulk/depot.ts';
import type { HeldFrame } from './bulk/held-frame.ts';
import { isMarked } from './bulk/moved.ts';
import type { AnyFunction, CallScope, Defined } from './call-scope.ts';
import { fewNumbers } from './pool/messages.ts';

/** A call put off: what to call, with what. */
export interface Call {
  readonly fn: AnyFunction;
  readonly args: readonly unknown[];
}

/** Arguments of calls in the form that crosses. */
export type PackedArgs =
  | { readonly kind: 'few'; readonly arity: number; readonly numbers: readonly number[] }
  | { readonly kind: 'numbers'; readonly arity: number; readonly numbers: Float64Array<ArrayBuffer> }
  | { readonly kind: 'values'; readonly frame: HeldFrame };

/** Calls in the form that crosses: captured functions by number, arguments packed. */
export interface Work {
  readonly functions: readonly Defined[];
  /** Which of `functions` each call takes; absent when there is one. */
  readonly which?: readonly number[];
  readonly args: PackedArgs;
  /** The function that each call is made through. */
  readonly around?: Defined | undefined;
  /** Calls that cannot travel, by position: the error that says why. */
  readonly refused: ReadonlyMap<number, unknown>;
  /** What the arguments hold outside of their frame: to be released when the work is over. */
  readonly holdings: readonly Holding[];
}

const NO_HOLDINGS: readonly Holding[] = [];

/** Large buffers that a worker needs for this work, those that functions capture included. */
export function largeIn({ functions, holdings }: Work): readonly Holding[] {
  if (functions.every(({ frame }) => frame.held === undefined)) return holdings;
  return [...holdings, ...functions.flatMap(({ frame }) => frame.held?.map(({ holding }) => holding) ?? NO_HOLDINGS)];
}

/** Packs calls. Never throws: a call whose function or arguments cannot travel is refused alone. */
export function packCalls(scope: CallScope, calls: readonly Call[], firstIndex: number): Work {
  const refused = new Map<number, unknown>();
  const { functions, which } = packFunctions(scope, calls, refused);
  const numbers = refused.size === 0 ? packNumberArgs(calls) : undefined;
  const args = numbers ?? packValues(scope, calls, firstIndex, refused);
  const around = packAround(scope, calls, refused);
  const held = args.kind === 'values' ? args.frame.held : undefined;
  const holdings = held?.map(({ holding }) => holding) ?? NO_HOLDINGS;
  scope.memory.use(holdings);
  return { functions, args, refused, holdings, ...(functions.length > 1 && { which }), ...(around && { around }) };
}

function packAround(scope: CallScope, calls: readonly Call[], refused: Map<number, unknown>): Defined | undefined {
  if (scope.around === undefined) return undefined;
  try {
    return scope.define(scope.around, ['context']);
  } catch (error) {
    for (let index = 0; index < calls.length; index += 1) refused.set(index, error);
    return undefined;
  }
}

function packFunctions(
  scope: CallScope,
  calls: readonly Call[],
  refused: Map<number, unknown>,
): { functions: Defined[]; which: number[] } {
  const functions: Defined[] = [];
  const first = calls[0]?.fn;
  if (calls.every(({ fn }) => fn === first)) return packFunction(scope, calls, refused);
  const which: number[] = [];
  const positions = new Map<AnyFunction, number>();
  let last: AnyFunction | undefined;
  let position = 0;
  for (let index = 0; index < calls.length; index += 1) {
    const { fn } = calls[index] as Call;
    if (fn !== last) {
      last = fn;
      const known = positions.get(fn);
      position = known ?? functions.length;
      try {
        if (known === undefined) functions.push(scope.define(fn));
        positions.set(fn, position);
      } catch (error) {
        refused.set(index, error);
        last = undefined; // each call with this function is refused for itself
        position = 0;
      }
    }
    which.push(position);
  }
  return { functions, which };
}

/** The usual case: all calls have one function. */
function packFunction(
  scope: CallScope,
  calls: readonly Call[],
  refused: Map<number, unknown>,
): { functions: Defined[]; which: number[] } {
  const [first] = calls;
  if (first === undefined) return { functions: [], which: [] };
  try {
    return { functions: [scope.define(first.fn)], which: [] };
  } catch (error) {
    for (let index = 0; index < calls.length; index += 1) refused.set(index, error);
    return { functions: [], which: [] };
  }
}

/** All arguments numbers, the same count in each call: as doubles, which hold -0, NaN and every JavaScript number; a few as they are. */
function packNumberArgs(calls: readonly Call[]): PackedArgs | undefined {
  const arity = calls[0]?.args.length ?? 0;
  if (arity === 0 || arity > 4) return undefined;
  if (calls.length === 1) {
    const numbers = fewNumbers((calls[0] as Call).args);
    if (numbers !== undefined) return { kind: 'few', arity, numbers };
  }
  const numbers = new Float64Array(calls.length * arity);
  let at = 0;
  for (let index = 0; index < calls.length; index += 1) {
    const { args } = calls[index] as Call;
    if (args.length !== arity) return undefined;
    for (let argument = 0; argument < arity; argument += 1) {
      const value = args[argument];
      if (typeof value !== 'number') return undefined;
      numbers[at++] = value;
    }
  }
  return { kind: 'numbers', arity, numbers };
}

function packValues(
  scope: CallScope,
  calls: readonly Call[],
  firstIndex: number,
  refused: Map<number, unknown>,
): PackedArgs {
  const lists = calls.map((call, index): unknown[] => (refused.has(index) ? [] : (call.args as unknown[])));
  try {
    const frame = scope.session.encode(lists, ['arguments']);
    const moves = frame.borrowed?.some(({ at }) => isMarked((frame.buffers[at] as Uint8Array).buffer)) === true;
    if (!moves || !separate(scope, lists, firstIndex, refused))
      return { kind: 'values', frame: scope.memory.settle(frame) };
  } catch {
    for (const [index, list] of lists.entries()) {
      try {
        scope.session.encode(list, [`task ${firstIndex + index}`, 'arguments']);
      } catch (error) {
        refused.set(index, error);
        lists[index] = [];
      }
    }
    separate(scope, lists, firstIndex, refused);
  }
  return { kind: 'values', frame: scope.memory.settle(scope.session.encode(lists, ['arguments'])) };
}

/** Memory that is moved goes to the first task that holds it; others are refused. True when some were. */
function separate(scope: CallScope, lists: unknown[][], firstIndex: number, refused: Map<number, unknown>): boolean {
  if (lists.length < 2) return false;
  const owners = new Map<object, number>();
  const before = refused.size;
  for (const [index, list] of lists.entries()) {
    const { borrowed = [], buffers } = scope.session.encode(list);
    for (const { at } of borrowed) {
      const { buffer } = buffers[at] as Uint8Array;
      if (!isMarked(buffer)) continue;
      const owner = owners.get(buffer);
      if (owner === undefined) owners.set(buffer, index);
      else {
        refused.set(index, movedTwice(firstIndex + index, firstIndex + owner));
        lists[index] = [];
        break;
      }
    }
  }
  return refused.size > before;
}

function movedTwice(index: number, owner: number): UnserializableError {
  return new UnserializableError(
    [`task ${index}`, 'arguments'],
    `memory in them was moved to task ${owner}`,
    'Move each buffer to one task, or send it without move(): then it is copied',
  );
}
