import { LENGTHS } from './kernel-lengths.ts';
import type { Kernels, Numbers } from './kernels.ts';

type Argument = Numbers | Int32Array | number | boolean | null;
type Raw = (...args: never) => unknown;

/**
 * Kernels that look at the lengths of arrays first.
 * @param raw a kernel by its name
 * @param passed what a kernel gets for an array; null stays
 */
export function bindKernels<A extends Numbers>(
  raw: (name: keyof Kernels<A>) => Raw,
  passed: (array: Numbers | Int32Array) => unknown,
): Kernels<A> {
  const bound = Object.entries(LENGTHS).map(([name, lengths]) => {
    const kernel = raw(name as keyof Kernels<A>) as (...args: readonly unknown[]) => number;
    const call = (...args: readonly Argument[]): number => {
      const least = lengths(args[0] as number, args[1] as number, args[2] as number);
      let at = 0;
      const given = args.map((arg) => {
        if (typeof arg !== 'object') return arg;
        const needed = least[at] ?? 0;
        at += 1;
        if (arg === null) return null;
        if (arg.length < needed) {
          throw new RangeError(`${name}: array ${at} must have ${needed} elements. Got ${arg.length}.`);
        }
        return passed(arg);
      });
      return kernel(...given);
    };
    return [name, call];
  });
  return Object.fromEntries(bound) as Kernels<A>;
}
