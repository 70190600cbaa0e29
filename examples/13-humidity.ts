// Why a model is wrong: humidity by weekday and hour, with some hours of the week that follow no trend. Two slopes can't
// see them; a weight for each of the 168 hours of the week, beside the two slopes, can. The model is trained with
// checkpoints, saved with the transform of its scaler, and read again to serve: there is one transform, so no skew.
//   npm run example -- 13-humidity FOLDER      keeps checkpoints, the model and two pictures there
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dump, load, Memory } from '@jobloom/memory';
import {
  ColumnTransformer,
  FeatureCross,
  fromState,
  MinMaxScaler,
  MLPRegressor,
  Pipeline,
  type StepOptions,
} from '@jobloom/ml';
import { anomalies, humidity } from './shared/humidity.ts';
import { heatMap, histogram } from './shared/humidity-pictures.ts';

const [folder = mkdtempSync(join(tmpdir(), 'humidity-'))] = process.argv.slice(2);
const { X, y } = humidity({ weeks: 52, randomState: 1 });

const columns = ['weekday', 'hour'];
const betas = ['betas', new MinMaxScaler(), columns] as const;
const cross = ['cross', new FeatureCross(), columns] as const;
const learner = () =>
  new MLPRegressor({
    hiddenUnits: [],
    batchSize: 64,
    nEpochs: 20,
    solverKwargs: { learningRate: 0.005 },
    randomState: 0,
  });
const fit = (parts: ConstructorParameters<typeof ColumnTransformer>[0], options?: StepOptions) =>
  new Pipeline([
    ['features', new ColumnTransformer(parts)],
    ['net', learner()],
  ]).fit(X, y, options);
const spread = (residuals: Float64Array) => Math.sqrt(residuals.reduce((sum, each) => sum + each ** 2, 0) / y.length);
const residualsOf = async (model: Pipeline) => {
  const predicted = (await model.predict(X)) as Float64Array;
  return y.map((each, row) => each - (predicted[row] as number));
};

const plain = await fit([betas]);
await using memory = new Memory({ location: join(folder, 'checkpoints') });
const epochs: number[] = [];
const train = (failAt?: number) => {
  const monitor = (epoch: number) => {
    epochs.push(epoch);
    if (epoch === failAt) throw new Error('the power failed');
  };
  return fit([cross, betas], { net__checkpoint: { every: 5, memory }, net__monitor: monitor });
};
const failure = await train(12).catch((error: Error) => error.message);
const crossed = await train();
const net = crossed.namedSteps.net as MLPRegressor;
console.log(`columns: ${(plain.namedSteps.net as MLPRegressor).nFeaturesIn_} and ${net.nFeaturesIn_}`);
console.log(`${failure}, and the fit went on: epochs ${epochs.slice(0, 13).join(' ')} | ${epochs.slice(13).join(' ')}`);

const [before, after] = [await residualsOf(plain), await residualsOf(crossed)];
console.log(
  `residuals, in points: ${(100 * spread(before)).toFixed(1)} with two slopes, ${(100 * spread(after)).toFixed(1)} with the cross`,
);
const byHour = (residuals: Float64Array) =>
  Float64Array.from({ length: 168 }, (_, hour) => {
    const own = residuals.filter((_each, row) => row % 168 === hour);
    return own.reduce((sum, each) => sum + each, 0) / own.length;
  });
const odd = (means: Float64Array) => Array.from(means.keys()).filter((hour) => Math.abs(means[hour] as number) > 0.06);
console.log(`hours that two slopes can't explain: ${odd(byHour(before)).join(' ')}`);
console.log(`those that were made so:             ${anomalies.map(({ hour }) => hour).join(' ')}`);
console.log(`hours that the cross can't explain: ${odd(byHour(after)).length}`);

await dump(crossed.toState(), join(folder, 'model.jbl'), { compress: true });
const served = fromState(await load(join(folder, 'model.jbl'))) as Pipeline;
const [there, here] = [await served.predict(X), await crossed.predict(X)];
console.log(`served from its file, predictions are equal: ${there.every((each, row) => each === here[row])}`);
console.log(`Monday 13:00 ${(100 * (here[13] as number)).toFixed(1)} %`);
writeFileSync(join(folder, 'residuals.svg'), histogram({ 'two slopes': before, 'with the cross': after }));
writeFileSync(join(folder, 'hours.svg'), heatMap(byHour(before)));
