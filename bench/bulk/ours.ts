import { delayed, move, Parallel, type ParallelOptions, type Shared, share, type Task } from '@jobloom/parallel';
import { check, inputs, type Runner, timed, WORKERS } from './runner.ts';

type Floats = Float64Array<ArrayBuffer>;

const fresh = (given: Floats): Floats => {
  const result = given.slice();
  result[0] = (given[0] as number) + 1;
  return result;
};

const freshMoved = (given: Floats): Floats => {
  const result = given.slice();
  result[0] = (given[0] as number) + 1;
  return move(result);
};

const thereAndBack = (given: Floats): Floats => {
  given[0] = (given[0] as number) + 1;
  return move(given);
};

const inShared = (given: Shared<Floats>): number => {
  given.value[0] = (given.value[0] as number) + 1;
  return given.value[0] as number;
};

function ours(
  name: string,
  backend: 'threads' | 'processes',
  make: (array: Floats) => Task<Floats>,
  again: boolean,
  options: ParallelOptions = {},
) {
  return (bytes: number): Runner => {
    let runner: Parallel;
    let arrays = inputs(bytes);
    return {
      name: `jobloom ${backend}, ${name}`,
      async open() {
        runner = new Parallel({ backend, nJobs: WORKERS, ...options });
      },
      prepare() {
        if (!again) arrays = inputs(bytes);
      },
      round: () =>
        timed(
          () => runner.run(arrays.map(make)),
          (results) => check(results, bytes),
        ),
      close: () => runner.close(),
    };
  };
}

/** Threads over memory that all of them see: nothing is sent. */
function shared(bytes: number): Runner {
  let runner: Parallel;
  let arrays: Shared<Floats>[];
  return {
    name: 'jobloom threads, share(array), written in place',
    async open() {
      runner = new Parallel({ backend: 'threads', nJobs: WORKERS });
      arrays = inputs(bytes).map((array) => share(array));
    },
    prepare() {
      for (const [worker, { value }] of arrays.entries()) value[0] = worker + 1;
    },
    round: () =>
      timed(
        async () => {
          await runner.run(arrays.map((array) => delayed(inShared)(array)));
          return arrays.map(({ value }) => value);
        },
        (results) => check(results, bytes),
      ),
    async close() {
      for (const array of arrays) array.dispose();
      await runner.close();
    },
  };
}

/** A hundred tasks on one array, which nobody changes. */
function many(backend: 'threads' | 'processes') {
  return (bytes: number): Runner => {
    let runner: Parallel;
    const [array] = inputs(bytes) as [Floats];
    const at = (given: Floats, index: number): number => given[index] as number;
    return {
      name: `jobloom ${backend}, the same array to 100 tasks, in only`,
      async open() {
        runner = new Parallel({ backend, nJobs: WORKERS });
      },
      async round() {
        const start = performance.now();
        const got = await runner.run(Array.from({ length: 100 }, (_, index) => delayed(at)(array, index)));
        const ms = performance.now() - start;
        if (got.some((each) => each !== 1)) throw new Error('wrong elements');
        return ms;
      },
      close: () => runner.close(),
    };
  };
}

const moving = delayed(freshMoved);

export const allOfOurs: readonly ((bytes: number) => Runner)[] = [
  ours('move(array) there and back', 'threads', (array) => delayed(thereAndBack)(move(array)), false),
  shared,
  ours('as it comes', 'threads', delayed(fresh), true),
  ours('same arrays, move(result)', 'threads', moving, true),
  ours('as it comes, same arrays', 'processes', delayed(fresh), true),
  ours('as it comes, new arrays', 'processes', delayed(fresh), false),
  ours('maxNbytes: null', 'processes', delayed(fresh), true, { maxNbytes: null }),
  many('threads'),
  many('processes'),
];
