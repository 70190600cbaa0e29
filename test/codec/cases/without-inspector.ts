import { withEnvironment } from '@jobloom/parallel';
import { refused, type Section, section, task } from './case.ts';

const factor = 3;
const pure = (x: number): number => x * 2;
class Point {
  x = 1;
  twice(): number {
    return this.x * 2;
  }
}

/** For hosts that do not let a program look at itself: `node --permission`. */
export const withoutInspector: Section = section('without an inspector', [
  task('a function that captures nothing', () => (x: number) => Math.max(x, 1) + 1, 6, { args: [5] }),
  task('declared values and functions', () => withEnvironment((x: number) => pure(x) * factor, { factor, pure }), 30, {
    args: [5],
  }),
  task('a declared class', () => withEnvironment(() => new Point().twice(), { Point }), 2),
  task(
    'functions with an environment of their own, one within the other',
    () => {
      const scale = withEnvironment((x: number) => x * factor, { factor });
      return withEnvironment((x: number) => scale(x) + 1, { scale });
    },
    16,
    { args: [5] },
  ),
  task('arguments of any kind', () => (given: Map<string, Date>) => given.get('a')?.getTime(), 5, {
    args: [new Map([['a', new Date(5)]])],
  }),
  refused(
    'what is not declared is named',
    () => (x: number) => x * factor,
    'task: it uses factor, but this process has no inspector to read variables with. Declare them: withEnvironment(fn, { factor })',
  ),
  refused(
    'what an environment lacks is named',
    () => withEnvironment((x: number) => pure(x) * factor, { pure }),
    'task: it uses factor, but its environment lacks them. Declare them: withEnvironment(fn, { factor })',
  ),
]);
