import { type Section, section, story } from './case.ts';

/** File and line of the topmost frame that is of these cases. */
function placeOf(error: unknown): string {
  const [, file = '', line = ''] =
    /\(?(?:file:\/\/)?([^\s()]*?):(\d+):\d+\)?(?:\n|$)/.exec(String((error as Error).stack)) ?? [];
  return `${file.split('/').at(-1)}:${line}`;
}

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
      return placeOf(there) === placeOf(caught(fail)) || [placeOf(there), placeOf(caught(fail))];
    },
    true,
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
      return placeOf(there) === placeOf(caught(fail)) || [placeOf(there), placeOf(caught(fail))];
    },
    true,
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
      return String(there) === String(here) || [there, here];
    },
    true,
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
