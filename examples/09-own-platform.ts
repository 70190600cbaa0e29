// Jobs on a platform of your own: batches go there by a folder that both sides see, as would be `s3://bucket/prefix`.
// shared/process-platform.ts is the platform, 40 lines that start, await, read and end a job.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { delayed, parallel, parallelBackend, registerParallelBackend } from '@jobloom/parallel';
import { type ContainerOptions, container } from '@jobloom/parallel/container';
import { ProcessPlatform } from './shared/process-platform.ts';

// A name with settings of your own, which whoever uses it can change.
registerParallelBackend('our-platform', (options: ContainerOptions) =>
  container({
    transport: 'store',
    executor: new ProcessPlatform(),
    command: ['node', fileURLToPath(import.meta.resolve('@jobloom/backends/container/entry'))],
    ...options,
  }),
);

const greeting = 'hello from process';
const where = (task: number) => `task ${task}: ${greeting} ${process.pid}`;

const folder = mkdtempSync(join(tmpdir(), 'jobloom-example-'));
try {
  await parallelBackend('our-platform', { nJobs: 2, store: folder }, async () => {
    for (const line of await parallel([1, 2, 3, 4].map((task) => delayed(where)(task)))) console.log(line);
  });
} finally {
  rmSync(folder, { recursive: true });
}
console.log(`the caller is process ${process.pid}`);
