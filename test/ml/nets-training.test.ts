import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Memory } from '@jobloom/memory';
import {
  type EpochStats,
  fromState,
  InputError,
  type LabelSet,
  MLPClassifier,
  MLPRegressor,
  makeClassification,
  ParameterError,
  RandomState,
  toCsr,
  toRows,
} from '@jobloom/ml';
import protobuf from 'protobufjs';
import { afterAll, expect, test } from 'vitest';
import { crc32c, maskedCrc32c } from '../../packages/ml/src/nets/summary/crc32c.ts';

const { X, y } = makeClassification({
  nSamples: 80,
  nFeatures: 6,
  nClasses: 3,
  nInformative: 4,
  classSep: 2,
  randomState: 3,
});
const small = { hiddenUnits: [7, 5], batchSize: 16, initScale: 1, keepProb: 0.8, randomState: 5 } as const;
const folder = mkdtempSync(join(tmpdir(), 'jobloom-nets-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('two classes: one output; three: one each; label sets: a probability a label', async () => {
  const params = { ...small, keepProb: 1, nEpochs: 30, solverKwargs: { learningRate: 0.02 } };
  const two = await new MLPClassifier(params).fit(
    X,
    Array.from(y, (code) => (code > 0 ? 'yes' : 'no')),
  );
  expect(two.classes_).toEqual(['no', 'yes']);
  expect(two.coefs_.map(({ rows, cols }) => [rows, cols])).toEqual([
    [6, 7],
    [7, 5],
    [5, 1],
  ]);
  const sets = Array.from(y, (code) => [Number(code > 0), Number(code < 2)]);
  const many = await new MLPClassifier<LabelSet>(params).fit(X, sets);
  expect(many.classes_).toEqual([0, 1]);
  const predicted: LabelSet[] = await many.predict(X);
  const { data } = await many.predictProba(X);
  expect(predicted.flat()).toEqual(Array.from(data, (share) => Number(share > 0.5)));
  expect(await many.score(X, sets)).toBe(predicted.filter((set, row) => `${set}` === `${sets[row]}`).length / 80);
  expect(await many.score(X, sets)).toBeGreaterThan(0.9);
  await expect(
    many.fit(
      X,
      sets.map((set, row) => (row === 3 ? [1] : set)),
    ),
  ).rejects.toThrow('y of label sets must be rows of 0 and 1, all of one length. Got [1] at row 3.');
});

test('a regressor learns a curve that no line fits', async () => {
  const x = Float64Array.from({ length: 200 }, (_, i) => i / 100 - 1);
  const model = new MLPRegressor({
    hiddenUnits: [16],
    initScale: 1,
    activation: 'tanh',
    nEpochs: 150,
    solverKwargs: { learningRate: 0.02 },
    randomState: 0,
  });
  await model.fit(
    { data: x, rows: 200, cols: 1 },
    x.map((each) => Math.cos(3 * each)),
  );
  expect(
    await model.score(
      { data: x, rows: 200, cols: 1 },
      x.map((each) => Math.cos(3 * each)),
    ),
  ).toBeGreaterThan(0.98);
});

test('no hidden layer is a linear model; transform then gives its sums', async () => {
  const model = await new MLPClassifier({ ...small, hiddenUnits: [], keepProb: 1 }).fit(X, y);
  expect(model.coefs_).toHaveLength(1);
  expect(await model.transform(X)).toEqual(await model.decisionFunction(X));
});

test('transform gives the values of a hidden layer', async () => {
  const model = await new MLPClassifier({ ...small, transformLayerIndex: 0 }).fit(X, y);
  const { data, rows, cols } = await model.transform(X);
  expect([rows, cols]).toEqual([80, 7]);
  const [weights, bias] = [model.coefs_[0]?.data as Float32Array, model.intercepts_[0] as Float32Array];
  const row = toRows(X)[9] as number[];
  const sums = Array.from(bias, (each, j) => row.reduce((sum, x, i) => sum + x * (weights[i * 7 + j] as number), each));
  for (const [j, sum] of sums.entries()) expect(data[9 * 7 + j]).toBeCloseTo(Math.max(sum, 0), 5);
  await expect(model.setParams({ transformLayerIndex: 2 }).transform(X)).rejects.toThrow(
    "The 'transformLayerIndex' parameter of MLPClassifier must be below the number of hidden layers, 2. Got 2 instead.",
  );
});

test('partialFit goes on as if it had not been left, through a state too', async () => {
  const whole = await new MLPClassifier({ ...small, nEpochs: 6 }).fit(X, y);
  const first = await new MLPClassifier({ ...small, nEpochs: 4 }).partialFit(X, y, { classes: [0, 1, 2] });
  const later = fromState(structuredClone(first.toState())) as MLPClassifier<number>;
  await later.setParams({ nEpochs: 2 }).partialFit(X, y);
  expect(later.fitted()).toEqual(whole.fitted());
  await expect(
    later.partialFit(
      X,
      Array.from(y, (code) => code + 1),
    ),
  ).rejects.toThrow('previously unseen labels: 3');
  await expect(later.setParams({ solver: 'sgd' }).partialFit(X, y)).rejects.toThrow('They were changed: call fit.');
});

test('a monitor hears of each epoch, asks the estimator as it is, and ends the fit', async () => {
  const heard: [number, EpochStats][] = [];
  const model = new MLPClassifier({ ...small, nEpochs: 9 });
  await model.fit(X, y, {
    validation: { X, y },
    monitor: async (epoch, estimator, stats) => {
      heard.push([epoch, stats]);
      expect(await estimator.score(X, y)).toBe(stats.score);
      return epoch === 2;
    },
  });
  expect(heard.map(([epoch]) => epoch)).toEqual([0, 1, 2]);
  expect(heard.map(([, { loss }]) => loss)).toEqual(model.lossCurve_);
  expect(model.nIter_).toBe(3);
});

for (const engine of ['native', 'wasm'] as const) {
  test(`${engine}: a fit that was interrupted goes on from its checkpoint to the very same net`, async () => {
    const memory = new Memory({ location: join(folder, engine) });
    const params = { ...small, engine, nEpochs: 7 };
    const straight = await new MLPClassifier(params).fit(X, y);
    const epochs: number[] = [];
    const learn = (failAt: number, nEpochs = 7) =>
      new MLPClassifier({ ...params, nEpochs }).fit(X, y, {
        checkpoint: { every: 2, memory },
        monitor: (epoch) => {
          epochs.push(epoch);
          if (epoch === failAt) throw new Error('the power failed');
        },
      });
    await expect(learn(5)).rejects.toThrow('the power failed');
    const resumed = await learn(-1);
    expect(epochs).toEqual([0, 1, 2, 3, 4, 5, 4, 5, 6]);
    expect(resumed.fitted()).toEqual(straight.fitted());
    expect((await learn(-1, 8)).nIter_).toBe(8);
    expect(epochs.splice(9)).toEqual([6, 7]);
    const other = new MLPClassifier({ ...params, nEpochs: 2, randomState: 6 });
    await other.fit(X, y, { checkpoint: { every: 2, memory }, monitor: (epoch) => void epochs.push(epoch) });
    expect(epochs.splice(9)).toEqual([0, 1]);
    await memory.close();
  });
}

test('a RandomState goes on after a fit, and stands where another stood', async () => {
  const random = new RandomState(1);
  random.gauss();
  const model = await new MLPClassifier({ ...small, randomState: random }).fit(X, y);
  const twin = new RandomState(0).setState(structuredClone(model.solverState_.random));
  expect([random.gauss(), random.random()]).toEqual([twin.gauss(), twin.random()]);
});

test('an event file has loss and score of each epoch, as TensorFlow reads it', async () => {
  const summary = join(folder, 'events');
  const model = await new MLPClassifier({ ...small, nEpochs: 3 }).fit(X, y, {
    summary,
    validation: { X: toCsr(X), y },
  });
  const [name] = readdirSync(summary);
  expect(name).toMatch(/^events\.out\.tfevents\.\d+\./);
  const bytes = readFileSync(join(summary, name as string));
  const events: protobuf.Message[] = [];
  const { root } = protobuf.parse(`syntax = "proto3";
    message Value { string tag = 1; float simple_value = 2; }
    message Summary { repeated Value value = 1; }
    message Event { double wall_time = 1; int64 step = 2; string file_version = 3; Summary summary = 5; }`);
  const type = root.lookupType('Event');
  for (let at = 0; at < bytes.length; ) {
    const length = Number(bytes.readBigUInt64LE(at));
    expect(bytes.readUInt32LE(at + 8)).toBe(maskedCrc32c(bytes.subarray(at, at + 8)));
    const payload = bytes.subarray(at + 12, at + 12 + length);
    expect(bytes.readUInt32LE(at + 12 + length)).toBe(maskedCrc32c(payload));
    events.push(type.decode(payload));
    at += 16 + length;
  }
  const read = events.map((event) => type.toObject(event, { longs: Number, defaults: false }));
  expect(read[0]).toMatchObject({ fileVersion: 'brain.Event:2' });
  expect(read[0]?.wallTime).toBeCloseTo(Date.now() / 1000, -2);
  const score = Math.fround(await model.score(X, y));
  expect(
    read.slice(1).map(({ step, summary: { value } }) => [step ?? 0, ...value.map((each: { tag: string }) => each.tag)]),
  ).toEqual([0, 1, 2].map((step) => [step, 'loss', 'score']));
  expect(read.at(-1)?.summary.value).toEqual([
    { tag: 'loss', simpleValue: Math.fround(model.lossCurve_[2] as number) },
    { tag: 'score', simpleValue: score },
  ]);
});

test('CRC-32C is the one of RFC 3720', () => {
  expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
  expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
  expect(crc32c(new Uint8Array(32).fill(255))).toBe(0x62a8ab43);
});

test('what cannot be used is refused, with a way out', async () => {
  const learn = (params: object, options: object = {}) => new MLPClassifier({ ...small, ...params }).fit(X, y, options);
  await expect(learn({ hiddenUnits: [8, 0] })).rejects.toThrow(ParameterError);
  await expect(learn({ solverKwargs: { momentum: 0.9 } })).rejects.toThrow(
    "The 'solverKwargs' parameter of MLPClassifier must have, for solver 'adam', some of learningRate, beta1, beta2, epsilon: numbers from 0, those that are shares below 1. Got momentum: 0.9 instead.",
  );
  await expect(learn({ solverKwargs: { beta1: 1 } })).rejects.toThrow(ParameterError);
  await expect(learn({}, { checkpoints: 3 })).rejects.toThrow("MLPClassifier has no option 'checkpoints' of fit.");
  await expect(learn({}, { checkpoint: { every: 0 } })).rejects.toThrow(ParameterError);
  const diverging = { solver: 'sgd', solverKwargs: { learningRate: 1e30 }, activation: 'identity' };
  await expect(learn(diverging)).rejects.toThrow(InputError);
  await expect(learn(diverging)).rejects.toThrow('Scale X');
});
