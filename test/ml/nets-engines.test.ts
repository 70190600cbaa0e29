import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import {
  EngineError,
  GridSearchCV,
  loadTensorflow,
  MLPClassifier,
  MLPRegressor,
  type MlpParams,
  makeClassification,
  setTensorflow,
  tfStatus,
  toCsr,
} from '@jobloom/ml';
import { delayed, effectiveNJobs, parallel, parallelBackend } from '@jobloom/parallel';
import { afterEach, describe, expect, test } from 'vitest';
import { completeUtil } from '../../packages/ml/src/nets/tensorflow/complete-util.ts';
import { root } from '../workspace/program.ts';
import { close } from './close.ts';

const { X, y } = makeClassification({ nSamples: 60, nFeatures: 6, nClasses: 3, nInformative: 4, randomState: 3 });
const weights = Float64Array.from(y, (_, row) => row % 3);
const small = { hiddenUnits: [7, 5], batchSize: 16, initScale: 1, keepProb: 0.8, nEpochs: 4, randomState: 5 } as const;

afterEach(() => {
  setTensorflow(undefined);
  delete process.env.JOBLOOM_TF;
});

const requireOfMl = createRequire(new URL('packages/ml/package.json', root));

/** What a net has learned, in one list. */
function learned({
  coefs_,
  intercepts_,
  lossCurve_,
}: Pick<MLPRegressor, 'coefs_' | 'intercepts_' | 'lossCurve_'>): number[] {
  return [...coefs_.flatMap(({ data }) => [...data]), ...intercepts_.flatMap((each) => [...each]), ...lossCurve_];
}

describe('engines learn the same from the same seed', () => {
  const variants: Partial<MlpParams>[] = [
    { activation: 'relu', solver: 'adam', solverKwargs: { learningRate: 0.01 } },
    { activation: 'tanh', solver: 'sgd' },
    { activation: 'tanh', solver: 'sgd', solverKwargs: { momentum: 0.9 } },
    { activation: 'sigmoid', solver: 'sgd', solverKwargs: { momentum: 0.5, nesterov: true } },
    { activation: 'identity', solver: 'adagrad' },
    { activation: 'sigmoid', solver: 'rmsprop', solverKwargs: { learningRate: 0.01, epsilon: 1e-3 } },
  ];
  for (const variant of variants) {
    test(JSON.stringify(variant), async () => {
      const sets = Array.from(y, (code) => [code % 2, code >> 1]);
      const binary = Array.from(y, (code) => code > 0);
      const fits = async (engine: 'native' | 'wasm' | 'cpu'): Promise<number[][]> => {
        const params = { ...small, ...variant, engine };
        return [
          learned(await new MLPClassifier(params).fit(X, y, { sampleWeight: weights })),
          learned(await new MLPClassifier<readonly number[]>(params).fit(toCsr(X), sets)),
          learned(await new MLPClassifier<boolean>(params).fit(X, binary)),
          learned(await new MLPRegressor(params).fit(X, y)),
        ];
      };
      const native = await fits('native');
      for (const engine of ['wasm', 'cpu'] as const)
        for (const [at, net] of (await fits(engine)).entries()) close(net, native[at] as number[], 2e-5);
    });
  }
});

test('TensorFlow.js is chosen in order, and what was refused says why', async () => {
  const status = await tfStatus();
  expect(status).toMatchObject({ auto: 'native', tfjs: 'wasm', engines: { wasm: 'chosen', cpu: 'not tried' } });
  for (const name of ['tfjs-node-gpu', 'tfjs-node'])
    expect(status.engines[name]).toMatch(
      new RegExp(`^refused: its native library is not there.*npm rebuild @tensorflow/${name}`),
    );
  expect((await new MLPClassifier({ ...small, engine: 'tfjs' }).fit(X, y)).engine_).toBe('wasm');
  const wasm = requireOfMl('@tensorflow/tfjs-backend-wasm') as { getThreadsCount(): number };
  expect(status.threads).toBe(await effectiveNJobs(-1));
  expect(wasm.getThreadsCount()).toBe(1); // TensorFlow.js has no threads of WebAssembly in Node, whatever it is asked for
  await expect(new MLPClassifier({ ...small, engine: 'tfjs-node' }).fit(X, y)).rejects.toThrow(EngineError);
});

test('JOBLOOM_TF and setTensorflow have a say where no engine is named', async () => {
  const engineOf = async (engine: MlpParams['engine'] = 'auto') =>
    (await new MLPClassifier({ ...small, nEpochs: 1, engine }).fit(X, y)).engine_;
  expect(await engineOf()).toBe('native');
  process.env.JOBLOOM_TF = 'cpu';
  expect([await engineOf(), await engineOf('tfjs'), await engineOf('wasm')]).toEqual(['cpu', 'cpu', 'wasm']);
  process.env.JOBLOOM_TF = 'gpu';
  await expect(engineOf()).rejects.toThrow(
    "the environment variable JOBLOOM_TF must be one of {'tfjs', 'tfjs-node-gpu', 'tfjs-node', 'wasm', 'cpu', 'native'}. Got 'gpu' instead.",
  );
  setTensorflow(await loadTensorflow('cpu'));
  expect([await engineOf(), await engineOf('tfjs'), await engineOf('native')]).toEqual([
    'given (cpu)',
    'given (cpu)',
    'native',
  ]);
  expect(() => setTensorflow({ tidy: 1 })).toThrow('setTensorflow takes TensorFlow.js as a module.');
});

test('an engine that fails at an operation: an error where it was named, else the next with its reason', async () => {
  const tf = await loadTensorflow('wasm');
  tf.unregisterKernel('Sigmoid', 'wasm');
  const params = { ...small, activation: 'sigmoid' } as const;
  const error = await new MLPClassifier({ ...params, engine: 'wasm' }).fit(X, y).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(EngineError);
  expect((error as EngineError).message).toMatch(
    /^the engine 'wasm' failed after 0 epochs: .*Sigmoid.* engine: 'native'/,
  );
  const warned = new Promise<Error>((resolve) => process.once('warning', resolve));
  const model = await new MLPClassifier({ ...params, engine: 'tfjs' }).fit(X, y);
  expect(model.engine_).toBe('cpu');
  expect((await warned).message).toContain("the engine 'wasm' failed");
  expect((await tfStatus()).engines.wasm).toMatch(/^refused: .*Sigmoid/);
  expect(tf.memory().numTensors).toBe(0);
});

for (const backend of ['threads', 'processes'] as const) {
  test(`a grid search on ${backend} leaves no tensor behind`, async () => {
    const held = async (): Promise<[number, string]> => {
      const tf = await loadTensorflow('wasm');
      return [tf.memory().numTensors, `${process.pid}`];
    };
    await parallelBackend(backend, { nJobs: 1 }, async () => {
      const [before] = await parallel([delayed(held)()]);
      const model = new MLPClassifier({ ...small, engine: 'wasm' });
      const search = new GridSearchCV(
        model,
        { hiddenUnits: [[4], [5, 3]], keepProb: [1, 0.5] },
        { cv: 2, refit: false },
      );
      await search.fit(X, y);
      expect(search.cvResults_.mean_test_score).not.toContain(Number.NaN);
      expect(before?.[0]).toBe(0);
      expect(await parallel([delayed(held)()])).toEqual([before]);
    });
  });
}

test('a second copy of tfjs-core is refused, with both', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'jobloom-nets-'));
  const file = createRequire(requireOfMl.resolve('@tensorflow/tfjs')).resolve('@tensorflow/tfjs-core');
  const copy = join(folder, 'node_modules/@tensorflow/tfjs-core');
  mkdirSync(join(copy, 'dist'), { recursive: true });
  cpSync(file, join(copy, 'dist/tf-core.node.js'));
  cpSync(join(dirname(file), '../package.json'), join(copy, 'package.json'));
  symlinkSync(join(dirname(file), '../../..'), join(copy, 'node_modules'));
  const program = `
    import { createRequire } from 'node:module';
    import { MLPClassifier } from '@jobloom/ml';
    createRequire(import.meta.url)(${JSON.stringify(join(copy, 'dist/tf-core.node.js'))});
    await new MLPClassifier({ engine: 'cpu' }).fit([[1], [2]], [0, 1]).catch((error) => console.log(error.message));`;
  const { stdout } = await promisify(execFile)('node', ['--input-type=module', '-e', program], { cwd: root });
  expect(stdout).toContain(`there would be several copies of @tensorflow/tfjs-core`);
  expect(stdout).toContain(copy);
  rmSync(folder, { recursive: true });
});

test('nothing of TensorFlow.js is loaded before an engine needs it', async () => {
  const program = `
    import { createRequire } from 'node:module';
    import { MLPClassifier } from '@jobloom/ml';
    await new MLPClassifier().fit([[1], [2]], [0, 1]);
    const { cache } = createRequire(import.meta.url);
    console.log(Object.keys(cache).filter((file) => file.includes('tensorflow')).length);`;
  const { stdout } = await promisify(execFile)('node', ['--input-type=module', '-e', program], { cwd: root });
  expect(stdout).toBe('0\n');
});

test('util has again what tfjs-node calls, and keeps what it has', () => {
  const own = () => true;
  const util: { isArray?: (value: unknown) => boolean; isNullOrUndefined?: typeof own } = { isNullOrUndefined: own };
  completeUtil(util);
  expect(util.isNullOrUndefined).toBe(own);
  expect([util.isArray?.([]), util.isArray?.({})]).toEqual([true, false]);
});

test('an engine that fails in a task is the same error here', async () => {
  const fit = (model: MLPClassifier) => model.fit([[1], [2]], [0, 1]);
  const [failed] = await parallel([delayed(fit)(new MLPClassifier({ engine: 'tfjs-node' }))], {
    backend: 'threads',
    nJobs: 1,
  }).catch((error: unknown) => [error as EngineError]);
  expect(failed).toBeInstanceOf(EngineError);
  expect(failed).toMatchObject({ code: 'ERR_ENGINE', engine: 'tfjs-node', epochs: 0 });
});
