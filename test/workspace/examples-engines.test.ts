import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ceph, type RunningCeph, startCeph } from '../services/ceph.ts';
import { docker, startDocker } from '../services/docker.ts';
import { podman, startPodman } from '../services/podman.ts';
import { withService } from '../services/service.ts';
import { slurm, startSlurm } from '../services/slurm.ts';
import { CACHED, digests, exampleIn, LONG, MOVIE_REVIEWS, movieReviews } from './example.ts';

const MOVIES = '11-movie-reviews on containers: the scores of every backend, to the last bit';

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
    const { stdout } = await exampleIn(env, '04-memory-s3', 'examples');
    expect(stdout.split('\n')).toEqual([
      'after 20 years: 2.653; read from the bucket: true',
      'through a folder: 2 hits, 0 misses',
      'and the folder alone has it: true',
      '3 entries removed',
      '',
    ]);
  });

  test('16-cached-pipeline: in a bucket', { timeout: LONG }, async () => {
    expect((await exampleIn(env, '16-cached-pipeline', 's3://examples/steps')).stdout.split('\n')).toEqual(CACHED);
  });

  withService(docker, () => {
    let engine: Awaited<ReturnType<typeof startDocker>>;
    beforeAll(async () => {
      engine = await startDocker();
    });
    afterAll(() => engine?.stop());

    test('07-container: the digest of threads from containers, by streams, a folder and a bucket', {
      timeout: LONG,
    }, async () => {
      const there = { ...env, DOCKER_HOST: `unix://${engine.socket}`, CONTAINER_NETWORK: 'host' };
      const { stdout } = await exampleIn(there, '07-container', '60', 'examples');
      expect(digests(stdout)).toEqual([
        'threads',
        'container, attached',
        'container, by a folder',
        'container, by a bucket',
      ]);
    });

    test(MOVIES, { timeout: LONG }, async () => {
      const there = { ...process.env, DOCKER_HOST: `unix://${engine.socket}` };
      expect(await movieReviews('container', there)).toEqual(MOVIE_REVIEWS);
    });
  });
});

withService(podman, () => {
  let env: NodeJS.ProcessEnv;
  let engine: Awaited<ReturnType<typeof startPodman>>;
  beforeAll(async () => {
    engine = await startPodman();
    env = { ...process.env, DOCKER_HOST: `unix://${engine.socket}` };
  });
  afterAll(() => engine?.stop());

  test('07-container: the digest of threads from containers, by streams and by a folder', {
    timeout: LONG,
  }, async () => {
    const { stdout } = await exampleIn(env, '07-container', '60');
    expect(digests(stdout)).toEqual(['threads', 'container, attached', 'container, by a folder']);
  });

  test(MOVIES, { timeout: LONG }, async () => {
    expect(await movieReviews('container', env)).toEqual(MOVIE_REVIEWS);
  });
});

withService(slurm, () => {
  test('08-slurm: the same digest from threads and from pilots on two nodes', { timeout: LONG }, async () => {
    const cluster = await startSlurm();
    try {
      const env = { ...process.env, SLURM_CONF: cluster.configuration };
      const { stdout } = await exampleIn(env, '08-slurm', '400', '127.0.0.1');
      const [threads, pilots, end] = stdout.trimEnd().split('\n');
      expect(threads).toMatch(/^threads sha256:[0-9a-f]{64}$/);
      expect(pilots?.split(':')[1]).toBe(threads?.split(':')[1]);
      expect(end).toBe('pilots on n1 and n2; left: 0');
    } finally {
      await cluster.stop();
    }
  });
});
