import { fileURLToPath } from 'node:url';
import { Piscina } from 'piscina';
import workerpool from 'workerpool';
import { check, inputs, type Runner, timed, WORKERS } from './runner.ts';

type Floats = Float64Array<ArrayBuffer>;

const file = (name: string): URL => new URL(`workers/${name}`, import.meta.url);

function peer(name: string, open: () => { call(array: Floats): PromiseLike<Floats>; close(): unknown }) {
  return (bytes: number): Runner => {
    let pool: ReturnType<typeof open>;
    let arrays: Floats[] = [];
    return {
      name,
      async open() {
        pool = open();
      },
      prepare() {
        arrays = inputs(bytes);
      },
      round: () =>
        timed(
          () => Promise.all(arrays.map((array) => pool.call(array))),
          (results) => check(results, bytes),
        ),
      close: async () => pool.close(),
    };
  };
}

const piscina = (name: string, moves: boolean) => () => {
  const pool = new Piscina({ filename: file(name).href, minThreads: WORKERS, maxThreads: WORKERS });
  return {
    call: (array: Floats): Promise<Floats> => pool.run(array, moves ? { transferList: [array.buffer] } : {}),
    close: () => pool.destroy(),
  };
};

const ofWorkerpool = (method: 'moved' | 'copied', workerType: 'thread' | 'process') => () => {
  const forkOpts = { serialization: 'advanced' } as const; // as JSON, the array arrives as another thing
  const options = {
    workerType,
    minWorkers: WORKERS,
    maxWorkers: WORKERS,
    ...(workerType === 'process' && { forkOpts }),
  };
  const pool = workerpool.pool(fileURLToPath(file('workerpool.mjs')), options);
  return {
    call: (array: Floats): PromiseLike<Floats> =>
      pool.exec(method, [array], method === 'moved' ? { transfer: [array.buffer] } : {}) as PromiseLike<Floats>,
    close: () => pool.terminate(),
  };
};

export const peers: readonly ((bytes: number) => Runner)[] = [
  peer('piscina, transferList there and move back', piscina('piscina.mjs', true)),
  peer('piscina, as it comes', piscina('piscina-clone.mjs', false)),
  peer('workerpool thread, transfer both ways', ofWorkerpool('moved', 'thread')),
  peer('workerpool thread, as it comes', ofWorkerpool('copied', 'thread')),
  peer('workerpool process, advanced serialization', ofWorkerpool('copied', 'process')),
];
