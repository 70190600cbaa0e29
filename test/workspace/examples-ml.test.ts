import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { sameOfAll } from '../../examples/shared/same-of-all.ts';
import { CACHED, example, LONG, MOVIE_REVIEWS, movieReviews } from './example.ts';
import { root } from './program.ts';

describe('examples of machine learning', () => {
  test('00-talk, the demo: the same scores everywhere, and again from what was kept', { timeout: LONG }, async () => {
    const { stdout } = await example('00-talk', '120');
    const rows = stdout.split('\n').filter((line) => /^\| [^o]/.test(line));
    expect(rows.map((row) => row.split(' | ').filter((_, at) => at !== 1 && at !== 2))).toEqual(
      ['threads', 'processes', 'two TLS daemons'].map((name) => [`| ${name}`, '12', '0.001', '0.5946', '0.7782 |']),
    );
    expect(stdout).toMatch(/\nthe same scores, to the last bit, of all 6 runs\n$/);
  });

  test('00-talk: scores that differ end it with an error', () => {
    const scores = new Map([
      ['threads', [[0.5], { lr__C: 1 }]],
      ['processes', [[0.5], { lr__C: 1 }]],
      ['daemons', [[0.5000001], { lr__C: 1 }]],
    ]);
    expect(() => sameOfAll(scores)).toThrow('not the scores of threads: daemons');
    scores.delete('daemons');
    sameOfAll(scores);
  });

  test('10-digits-grid: the figures and the picture of the talk', { timeout: LONG }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'jobloom-examples-'));
    const picture = join(folder, 'digits.svg');
    const { stdout } = await example('10-digits-grid', picture);
    const [, then, best, reduction, today, bestToday] = stdout.split('\n');
    // Beyond C = 1, scikit-learn's own figures differ from one linear algebra library to another.
    expect(then).toMatch(/^folds of 2016: 0\.8659 0\.8971 0\.9221 0\.9299 0\.9249 0\.9182 0\.9115 0\.9043 0\.9004 /);
    expect(best).toBe('best C 0.01: 0.9299, against 0.9182 at C = 1');
    expect(reduction).toBe('error reduction: 14 %');
    expect(today).toMatch(/^cv=3 today: 0\.8659 0\.8976 0\.9204 0\.9299 0\.9249 0\.9193 /);
    expect(bestToday).toBe('best C 0.01: 0.9299');
    expect(readFileSync(picture, 'utf8')).toBe(readFileSync(new URL('docs/pictures/digits-grid.svg', root), 'utf8'));
    rmSync(folder, { recursive: true });
  });

  test.each(['sequential', 'threads', 'processes', 'grpc'])(
    '11-movie-reviews on %s: the scores of every backend, to the last bit',
    { timeout: LONG },
    async (backend) => {
      expect(await movieReviews(backend)).toEqual(MOVIE_REVIEWS);
    },
  );

  test('11-movie-reviews: a simulated cluster gives the same scores as a simulated laptop', {
    timeout: LONG,
  }, async () => {
    const { stdout } = await example('11-movie-reviews', '--quick', '--simulated-cluster');
    if (stdout.startsWith('skipped: ')) {
      expect(stdout).toMatch(
        /^skipped: control groups with a CPU quota cannot be made in \S+: .*It takes root, on Linux\.\n$/,
      );
      return;
    }
    expect(stdout).toMatch(
      /^2 values of C, 3 folds, 240 reviews, 5000 features\nsimulated laptop, 1 x 0\.4 CPU: \S+ s\nsimulated cluster, 4 x 0\.4 CPU: \S+ s\nsimulated cluster: \S+ times as fast\nthe same scores\n$/,
    );
  });

  test('11-movie-reviews: a neural net', { timeout: LONG }, async () => {
    const { stdout } = await example('11-movie-reviews', '--model', 'mlp', '--quick');
    expect(stdout).toContain(
      'best {"mlp__hiddenUnits":[16,8],"mlp__keepProb":1}: ROC AUC 0.7020 by cross-validation\n',
    );
    expect(stdout).toContain('test ROC AUC 0.7608\n');
  });

  test('12-moons: both modes step by step, the losses and the picture of the talk', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'jobloom-examples-'));
    const picture = join(folder, 'moons.svg');
    const { stdout } = await example('12-moons', picture);
    expect(stdout.split('\n').slice(13, 18)).toEqual([
      '  v3  add(v1, v2) 6.9093  1.0000',
      '  v2  sin(x1)     0.9093  1.0000',
      '  v1  mul(x1, x2) 6.0000  1.0000',
      '  x2  x2          3.0000  2.0000',
      '  x1  x1          2.0000  2.5839',
    ]);
    expect(stdout).toContain('v3  add(v1, v2) 6.9093  2.5839\nand with x2\n');
    expect(stdout).toContain('v3  add(v1, v2) 6.9093  2.0000\nreverse');
    expect(stdout).toContain('dz/dx1 = x2 + cos x1: true, dz/dx2 = x1: true\n');
    expect(stdout).toContain('loss 506.8715 -> 137.1355\nweights 0.71977, -2.23053\n');
    expect(readFileSync(picture, 'utf8')).toBe(readFileSync(new URL('docs/pictures/moons.svg', root), 'utf8'));
    rmSync(folder, { recursive: true });
  });

  test('13-humidity: the cross finds the hours that two slopes miss, and is served as it was trained', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'jobloom-examples-'));
    const { stdout } = await example('13-humidity', folder);
    expect(stdout.split('\n')).toEqual([
      'columns: 2 and 170',
      'the power failed, and the fit went on: epochs 0 1 2 3 4 5 6 7 8 9 10 11 12 | 10 11 12 13 14 15 16 17 18 19',
      'residuals, in points: 4.7 with two slopes, 3.1 with the cross',
      "hours that two slopes can't explain: 54 55 56 134 135 136 137 167",
      'those that were made so:             54 55 56 134 135 136 137 167',
      "hours that the cross can't explain: 0",
      'served from its file, predictions are equal: true',
      expect.stringMatching(/^Monday 13:00 49\.\d %$/),
      '',
    ]);
    for (const [name, word] of [
      ['residuals', 'two slopes'],
      ['hours', 'Sat'],
    ] as const) {
      const svg = readFileSync(join(folder, `${name}.svg`), 'utf8');
      expect(svg).toMatch(/^<svg [\s\S]*<\/svg>\n?$/);
      expect(svg).toContain(`>${word}</text>`);
    }
    rmSync(folder, { recursive: true });
  });

  test('14-two-layer-net: the loss falls from tens to below one', { timeout: LONG }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'jobloom-examples-'));
    const { stdout } = await example('14-two-layer-net', join(folder, 'loss.svg'));
    expect(stdout).toBe('loss 34.7 -> 0.885 in 5000 steps\nengine: wasm\ntensors left: 0\n');
    const pictures = [join(folder, 'loss.svg'), new URL('docs/pictures/two-layer-loss.svg', root)];
    const [drawn, kept] = pictures.map((picture) => readFileSync(picture, 'utf8'));
    expect(drawn).toBe(kept);
    rmSync(folder, { recursive: true });
  });

  test('15-gaussian-fit: mean and deviation, with gradients and without', { timeout: LONG }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'jobloom-examples-'));
    const picture = join(folder, 'fit.svg');
    const { stdout } = await example('15-gaussian-fit', picture);
    const [at, bfgs, lbfgs, without, simplex, sample, once] = stdout.split('\n');
    expect(at).toBe('at (.5, .5): nll 874408.8066, gradient -200773.4945 -3207318.6855');
    for (const fit of [bfgs, lbfgs, without])
      expect(fit).toMatch(/: 1\.00193 2\.00180, nll 211298\.626, \d+ iterations, \d+ evaluations, true$/);
    expect(simplex).toBe('nelder-mead: 1.00188 2.00177, nll 211298.626, 40 iterations, 78 evaluations, true');
    expect(sample).toBe('mean and deviation of the sample: 1.00193 2.00180');
    expect(once).toBe('recorded 1 time, differentiated 1 time');
    expect(readFileSync(picture, 'utf8')).toBe(readFileSync(new URL('docs/pictures/gaussian-fit.svg', root), 'utf8'));
    rmSync(folder, { recursive: true });
  });

  test('16-cached-pipeline: what is fitted once is read afterwards', { timeout: LONG }, async () => {
    expect((await example('16-cached-pipeline')).stdout.split('\n')).toEqual(CACHED);
  });

  test('17-graph: recorded once, differentiated once, run with new inputs', async () => {
    const { stdout } = await example('17-graph');
    const lines = stdout.split('\n');
    expect(lines.slice(0, 4)).toEqual(['80', '-1', '-6', 'recorded once, run 3 times: true']);
    expect(lines.slice(13)).toEqual([
      '60 40 20 -20 -20 -20 13.333 -26.667 8',
      '1 1 1 -1 -1 -1 -1 1 -1',
      'differentiated once: true',
      'running sum of 1 to 5: 1 3 6 10 15, recorded 1 time',
      '',
    ]);
  });
});
