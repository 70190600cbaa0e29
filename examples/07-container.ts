// Counts n-grams in two containers: by their standard streams, by a folder, and by a bucket where one is named.
//   npm run example -- 07-container                      needs Docker or Podman; DOCKER_HOST says where
//   AWS_ENDPOINT_URL=… AWS_ACCESS_KEY_ID=… AWS_SECRET_ACCESS_KEY=… npm run example -- 07-container 200 BUCKET
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Parallel, parallelBackend } from '@jobloom/parallel';
import { buildWorkerImage, type ContainerOptions } from '@jobloom/parallel/container';
import { countWith, gramTasks } from './shared/gram-counts.ts';
import { endWithout } from './shared/without.ts';

const tasks = gramTasks(Number(process.argv[2] ?? 400));
const bucket = process.argv[3];

// An image of this Node and this jobloom; no registry is asked.
const image = await buildWorkerImage({
  tag: 'localhost/jobloom-example:1',
  packages: bucket === undefined ? [] : ['@aws-sdk/client-s3'],
}).catch((error: Error) => endWithout(error.message));

const count = async (name: string, options: ContainerOptions): Promise<void> => {
  await parallelBackend('container', { nJobs: 2, image, memory: '512M', ...options }, async () => {
    await using runner = new Parallel();
    console.log(await countWith(name, runner, tasks));
  });
};

await using threads = new Parallel({ backend: 'threads', nJobs: 2 });
console.log(await countWith('threads', threads, tasks));

await count('container, attached', {});

const folder = mkdtempSync(join(tmpdir(), 'jobloom-example-'));
await count('container, by a folder', { transport: 'store', store: folder });
rmSync(folder, { recursive: true });

if (bucket !== undefined) {
  const { AWS_ENDPOINT_URL = '', AWS_ACCESS_KEY_ID = '', AWS_SECRET_ACCESS_KEY = '' } = process.env;
  await count('container, by a bucket', {
    transport: 'store',
    store: `s3://${bucket}/jobloom-example`,
    network: process.env.CONTAINER_NETWORK ?? 'bridge',
    env: { AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY },
  });
}
