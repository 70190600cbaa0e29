import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sameOfAll } from '../../examples/shared/same-of-all.ts';
import { ceph, type RunningCeph, startCeph } from '../services/ceph.ts';
import { docker, startDocker } from '../services/docker.ts';
import { podman, startPodman } from '../services/podman.ts';
import { redis, startRedis } from '../services/redis.ts';
import { withService } from '../services/service.ts';
import { slurm, startSlurm } from '../services/slurm.ts';
import { program, root } from './program.ts';

/** For examples that fit models, on a machine that has other things to do. */
const LONG = 280_000;

/** What 16-cached-pipeline prints. */
const CACHED = [
  'first fit: 3 of 3 steps',
  'again: 0',
  'another helper in the second: 2',
  'and back: 0',
  'the same scores: true',
  'fitted again for the second search: 0',
  '2 daemons at once: 3 fits of 3 steps',
  '',
];
/** What 11-movie-reviews --quick prints, but for times. */
const MOVIE_REVIEWS = [
  '   1  0.001  0.7452 ±0.0115',
  '   2    0.1  0.7289 ±0.0079',
  'best {"lr__C":0.001}: ROC AUC 0.7452 by cross-validation',
  'test ROC AUC 0.7841',
  'all scores [[0.7393483709273183,0.7349624060150376,0.7612781954887218],[0.7180451127819548,0.7318295739348372,0.7368421052631579]]',
];
const example = (name: string, ...args: string[]) => exampleIn({}, name, ...args);
const exampleIn = (options: object, name: string, ...args: string[]) =>
  program('node', ['--import', 'tsx', `examples/${name}.ts`, ...args], { timeout: LONG, ...options });

/** Names of the lines of an example whose lines end with one and the same digest. */
function digests(stdout: string): string[] {
  const lines = stdout.trimEnd().split('\n');
  expect(new Set(lines.map((line) => /sha256:[0-9a-f]{64}$/.exec(line)?.[0])).size).toBe(1);
  return lines.map((line) => line.replace(/ \d+ ms sha256:\w+$/, ''));
}

describe('examples', () => {
  test('01-char-ngrams: the same digest from every backend, progress on stderr', async () => {
    const { stdout, stderr } = await example('01-char-ngrams', '100');
    const lines = stdout.trimEnd().split('\n');
    expect(lines.map((line) => line.split(' ')[0])).toEqual(['sequential', 'threads', 'processes']);
    for (const line of lines) expect(line).toMatch(/^\w+ \d+ ms \d+\.\d\dx sha256:[0-9a-f]{64}$/);
    expect(new Set(lines.map((line) => line.split(':')[1])).size).toBe(1);
    expect(stderr).toContain('processes: 5 of 5 tasks\n');
    expect(stderr).not.toContain('\r');
  });

  test('02-custom-backend: each task ran in another process', async () => {
    const { stdout } = await example('02-custom-backend');
    const pids = [...stdout.matchAll(/process (\d+)/g)].map(([, pid]) => pid);
    expect(stdout).toMatch(/^task 1: hello .*\ntask 2: hello .*\ntask 3: hello .*\ntask 4: hello /);
    expect(pids.slice(0, 4)).not.toContain(pids[4]);
  });

  test('03-memory-disk: computed once, read afterwards, and why not', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'jobloom-examples-'));
    const { stdout } = await example('03-memory-disk', folder);
    expect(stdout.split('\n')).toEqual([
      '78498 primes below a million',
      'the same results, read here: true, 4 hits',
      expect.stringMatching(/^a reference of \d{3} characters: 22044 primes$/),
      expect.stringMatching(/^count: not computed yet with these arguments$/),
      'count: found',
      'count: computed by other code (isOdd changed)',
      '',
    ]);
    const again = await example('03-memory-disk', folder);
    expect(again.stdout).toContain('the same results, read here: true, 4 hits\n');
    expect(again.stdout).not.toContain('not computed yet');
    rmSync(folder, { recursive: true });
  });

  test('04-memory-s3 and 05-memory-redis say what they need', async () => {
    expect((await example('04-memory-s3')).stdout).toMatch(/^skipped: name a bucket/);
    expect((await example('05-memory-redis')).stdout).toMatch(/^skipped: set REDIS_URL/);
  });

  withService(ceph, () => {
    let server: RunningCeph;
    let env: NodeJS.ProcessEnv;
    beforeAll(async () => {
      server = await startCeph();
      const { endpoint, credentials } = server;
      const client = new S3Client({ endpoint, credentials, region: 'us-east-1', forcePathStyle: true });
      await client.send(new CreateBucketCommand({ Bucket: 'examples' }));
      client.destroy();
      env = {
        ...process.env,
        AWS_ENDPOINT_URL: endpoint,
        AWS_ACCESS_KEY_ID: credentials.accessKeyId,
        AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      };
    });
    afterAll(() => server?.stop());

    test('04-memory-s3: read from the bucket, and from a folder in front of it', async () => {
      const { stdout } = await exampleIn({ env }, '04-memory-s3', 'examples');
      expect(stdout.split('\n')).toEqual([
        'after 20 years: 2.653; read from the bucket: true',
        'through a folder: 2 hits, 0 misses',
        'and the folder alone has it: true',
        '3 entries removed',
        '',
      ]);
    });

    test('16-cached-pipeline: in a bucket', { timeout: LONG }, async () => {
      const args = ['--import', 'tsx', 'examples/16-cached-pipeline.ts', 's3://examples/steps'];
      expect((await program('node', args, { env })).stdout.split('\n')).toEqual(CACHED);
    });

    withService(docker, () => {
      test('07-container: the same digest from threads and from containers, by streams, a folder and a bucket', async () => {
        const engine = await startDocker();
        try {
          const there = { ...env, DOCKER_HOST: `unix://${engine.socket}`, CONTAINER_NETWORK: 'host' };
          const { stdout } = await exampleIn({ env: there }, '07-container', '60', 'examples');
          expect(digests(stdout)).toEqual([
            'threads',
            'container, attached',
            'container, by a folder',
            'container, by a bucket',
          ]);
        } finally {
          await engine.stop();
        }
      });
    });
  });

  withService(podman, () => {
    test('07-container: the same digest from threads and from containers, by streams and by a folder', async () => {
      const engine = await startPodman();
      try {
        const env = { ...process.env, DOCKER_HOST: `unix://${engine.socket}` };
        const { stdout } = await exampleIn({ env }, '07-container', '60');
        expect(digests(stdout)).toEqual(['threads', 'container, attached', 'container, by a folder']);
      } finally {
        await engine.stop();
      }
    });
  });

  withService(slurm, () => {
    test('08-slurm: the same digest from threads and from pilots on two nodes', async () => {
      const cluster = await startSlurm();
      try {
        const env = { ...process.env, SLURM_CONF: cluster.configuration };
        const { stdout } = await exampleIn({ env }, '08-slurm', '400', '127.0.0.1');
        const [threads, pilots, end] = stdout.trimEnd().split('\n');
        expect(threads).toMatch(/^threads sha256:[0-9a-f]{64}$/);
        expect(pilots?.split(':')[1]).toBe(threads?.split(':')[1]);
        expect(end).toBe('pilots on n1 and n2; left: 0');
      } finally {
        await cluster.stop();
      }
    });
  });

  test('09-own-platform: each task ran in another process', async () => {
    const { stdout } = await example('09-own-platform');
    const pids = [...stdout.matchAll(/process (\d+)/g)].map(([, pid]) => pid);
    expect(stdout).toMatch(/^task 1: hello .*\ntask 2: hello .*\ntask 3: hello .*\ntask 4: hello /);
    expect(pids.slice(0, 4)).not.toContain(pids[4]);
  });

  withService(redis, () => {
    test('05-memory-redis: four processes, one computation', async () => {
      const server = await startRedis();
      try {
        const env = { ...process.env, REDIS_URL: server.url };
        const { stdout } = await program('node', ['--import', 'tsx', 'examples/05-memory-redis.ts'], { env });
        expect(stdout.split('\n')).toEqual([
          '144 from everyone: true',
          'computed by 1 process',
          'a task reads it by its reference: 144',
          'hit',
          '1 entry removed; then: not-computed',
          '',
        ]);
      } finally {
        await server.stop();
      }
    });
  });

  test('06-cluster: the digest of threads, although one of two daemons was killed', { timeout: LONG }, async () => {
    const { stdout, stderr } = await example('06-cluster', '400');
    const [threads, grpc, ends] = stdout.trimEnd().split('\n');
    expect(threads).toMatch(/^threads sha256:[0-9a-f]{64}$/);
    expect(grpc?.split(':')[1]).toBe(threads?.split(':')[1]);
    expect(ends).toBe('the killed daemon ended by SIGKILL, the other is alive: true');
    expect(stderr).toContain('killed one of two daemons\n');
  });

  test('19-crash: one task of 1,000 is lost', async () => {
    const { stdout } = await example('19-crash');
    expect(stdout).toMatch(/^999 fulfilled\nWorkerLostError: task 500: .*exit code 3.*\nthe next call gives 144\n$/);
  });

  test('20-endless-input: five primes, and no more read than allowed', async () => {
    const { stdout } = await example('20-endless-input');
    expect(stdout).toContain('1000000000039, 1000000000061, 1000000000063, 1000000000091, 1000000000121\n');
    expect(stdout).toContain('read at most 16 ahead: true\n');
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

  const movieReviews = async (backend: string, env = process.env): Promise<string[]> => {
    const { stdout } = await exampleIn({ env }, '11-movie-reviews', '--quick', '--backend', backend);
    const [, ...rows] = stdout.split('\n');
    return rows.slice(0, 5).map((row) => row.replace(/( +\d+\.\d{3}){2}$/, ''));
  };

  test.each(['sequential', 'threads', 'processes', 'grpc'])(
    '11-movie-reviews on %s: the scores of every backend, to the last bit',
    { timeout: LONG },
    async (backend) => {
      expect(await movieReviews(backend)).toEqual(MOVIE_REVIEWS);
    },
  );

  for (const [engine, start] of [
    [docker, startDocker],
    [podman, startPodman],
  ] as const)
    withService(engine, () => {
      test('11-movie-reviews on containers: the scores of every backend, to the last bit', {
        timeout: LONG,
      }, async () => {
        const { socket, stop } = await start();
        try {
          const env = { ...process.env, DOCKER_HOST: `unix://${socket}` };
          expect(await movieReviews('container', env)).toEqual(MOVIE_REVIEWS);
        } finally {
          await stop();
        }
      });
    });

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

  test('16-cached-pipeline: what is fitted once is read afterwards', { timeout: LONG }, async () => {
    expect((await example('16-cached-pipeline')).stdout.split('\n')).toEqual(CACHED);
  });

  test('each example has a test here', () => {
    const names = readdirSync(new URL('examples', root)).filter((name) => name.endsWith('.ts'));
    expect(names).toEqual([
      '00-talk.ts',
      '01-char-ngrams.ts',
      '02-custom-backend.ts',
      '03-memory-disk.ts',
      '04-memory-s3.ts',
      '05-memory-redis.ts',
      '06-cluster.ts',
      '07-container.ts',
      '08-slurm.ts',
      '09-own-platform.ts',
      '10-digits-grid.ts',
      '11-movie-reviews.ts',
      '12-moons.ts',
      '13-humidity.ts',
      '14-two-layer-net.ts',
      '15-gaussian-fit.ts',
      '16-cached-pipeline.ts',
      '17-graph.ts',
      '19-crash.ts',
      '20-endless-input.ts',
    ]);
  });
});
