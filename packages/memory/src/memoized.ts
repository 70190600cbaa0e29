import { STANDS_FOR } from '@jobloom/codec';
import { settleCode } from './define.ts';
import { DEFINITION, type Definition } from './definition.ts';
import type { Explanation } from './explain.ts';
import { callMemoized, memoizationOf } from './memoization.ts';
import type { Shelved } from './shelved.ts';

/** A function whose results are kept: see `memory.cache`. It travels to workers as any function does, and works there on the same store. */
export interface Memoized<A extends unknown[], R, T = unknown> {
  (this: T, ...args: A): Promise<Awaited<R>>;
  /** Calls it where that has not been done, and gives a small reference to the result, that crosses processes and hosts. */
  callAndShelve(...args: A): Promise<Shelved<Awaited<R>>>;
  /** Runs the function whatever is stored, and stores the result. */
  refresh(...args: A): Promise<Awaited<R>>;
  /** Whether a call would be answered from the store. */
  checkCallInCache(...args: A): Promise<boolean>;
  /** Removes the entry of a call. Gives whether there was one. @throws StoreError */
  clearItem(...args: A): Promise<boolean>;
  /** Removes all entries of the function, of any code that it had. Gives how many there were. @throws StoreError */
  clear(): Promise<number>;
  /** Whether a call would be answered from the store, and if not, why: what of the code has changed, and what isn't tracked. */
  explain(...args: A): Promise<Explanation>;
  /** The same for a `this`: `model.predict` as a function, with all these methods. */
  withThis(self: T): Memoized<A, R, unknown>;
}

type Calls = Memoized<unknown[], unknown>;

/** What memoized functions have besides being called. */
export class MemoizedMethods {
  callAndShelve(...args: unknown[]): Promise<Shelved<unknown>> {
    return memoizationOf(definitionOf(this)).callAndShelve(undefined, args);
  }

  refresh(...args: unknown[]): Promise<unknown> {
    return memoizationOf(definitionOf(this)).refresh(undefined, args);
  }

  checkCallInCache(...args: unknown[]): Promise<boolean> {
    return memoizationOf(definitionOf(this)).check(undefined, args);
  }

  clearItem(...args: unknown[]): Promise<boolean> {
    return memoizationOf(definitionOf(this)).clearItem(undefined, args);
  }

  clear(): Promise<number> {
    return memoizationOf(definitionOf(this)).clear();
  }

  explain(...args: unknown[]): Promise<Explanation> {
    return memoizationOf(definitionOf(this)).explain(undefined, args);
  }

  withThis(self: unknown): Calls {
    const definition = definitionOf(this);
    settleCode(definition);
    return makeMemoized({ ...definition, self: [self] });
  }
}
Object.setPrototypeOf(MemoizedMethods.prototype, Function.prototype);

/** The memoized function of a definition. */
export function makeMemoized(definition: Definition): Calls {
  function memoized(this: unknown, ...args: unknown[]): Promise<unknown> {
    return callMemoized(definition, this, args);
  }
  const { fn } = definition;
  Object.setPrototypeOf(memoized, MemoizedMethods.prototype);
  Object.defineProperties(memoized, {
    name: { value: fn.name, configurable: true },
    length: { value: fn.length, configurable: true },
    [STANDS_FOR]: { value: fn },
    [DEFINITION]: { value: definition },
  });
  return memoized as unknown as Calls;
}

function definitionOf(memoized: object): Definition {
  const definition = (memoized as { [DEFINITION]?: Definition })[DEFINITION];
  if (definition === undefined) throw new TypeError('this is no memoized function: call the method on one');
  return definition;
}
