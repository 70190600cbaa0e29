import { type Exceptions, type Section, section, story } from './case.ts';

/** File and line of the topmost frame that is of these cases. */
function placeOf(error: unknown): string {
  const [, file = '', line = ''] =
    /\(?(?:file:\/\/)?([^\s()]*?):(\d+):\d+\)?(?:\n|$)/.exec(String((error as Error).stack)) ?? [];
  return `${file.split('/').at(-1)}:${line}`;
}

const SAME = 'the same file and line';
const OTHER = 'the same file, another line';

function compared(there: readonly string[], here: readonly string[]): unknown {
  if (there.join() === here.join()) return SAME;
  const isSameFile = there.every((place, at) => place.split(':')[0] === here[at]?.split(':')[0]);
  return isSameFile ? OTHER : [there, here];
}

const COMPILED = { gives: OTHER, why: 'it is the line of the code as it was compiled, with lines of its own' };
const SINGLE_LINES: Exceptions = {
  differs: { tsx: COMPILED, 'vitest-threads': COMPILED, 'vitest-forks': COMPILED, 'vitest-vm': COMPILED },
};

function caught(fn: () => unknown): unknown {
  try {
    return fn();
  } catch (error) {
    return error;
  }
}

export const traces: Section = section('stack traces', [
  story(
    'of an arrow point at the file and line',
    async (call) => {
      const fail = (): never => {
        const at = 1;
        throw new RangeError(`here ${at}`);
      };
      const there = await call(fail).catch((error: unknown) => error);
      return compared([placeOf(there)], [placeOf(caught(fail))]);
    },
    SAME,
    SINGLE_LINES,
  ),
  story(
    'of a method of a class',
    async (call) => {
      class Failing {
        x = 1;
        fail(): never {
          throw new RangeError(`here ${this.x}`);
        }
      }
      const fail = (): never => new Failing().fail();
      const there = await call(fail).catch((error: unknown) => error);
      return compared([placeOf(there)], [placeOf(caught(fail))]);
    },
    SAME,
    SINGLE_LINES,
  ),
  story(
    'of functions that share a variable',
    async (call) => {
      let n = 0;
      const first = (): never => {
        n += 1;
        throw new Error('first');
      };
      const second = (): never => {
        n += 1;
        throw new Error(`second ${n}`);
      };
      const there = (await call(() => [first, second].map((fn) => placeOf(caught(fn))))) as string[];
      const here = [first, second].map((fn) => placeOf(caught(fn)));
      return compared(there, here);
    },
    SAME,
    SINGLE_LINES,
  ),
  story(
    'names of functions are in it',
    async (call) => {
      const inner = (): never => {
        throw new Error('x');
      };
      function around(): unknown {
        return inner();
      }
      const error = (await call(around).catch((thrown: unknown) => thrown)) as Error;
      return [/^Error: x\n\s+at inner \(/.test(error.stack ?? ''), /\n\s+at around \(/.test(error.stack ?? '')];
    },
    [true, true],
    { notIn: { minified: 'names are the minifier’s' } },
  ),
]);
