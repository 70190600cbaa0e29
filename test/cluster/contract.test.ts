import { backendContract } from '@jobloom/backends/contract';
import { createGrpc } from '@jobloom/backends/grpc';
import { promisesContract } from '@jobloom/parallel/contract';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { type RunningDaemon, startDaemon } from './daemons.ts';

for (const kind of ['threads', 'processes'] as const) {
  describe(`two daemons with ${kind}`, () => {
    let daemons: RunningDaemon[] = [];
    const workers = (): string[] => daemons.map(({ address }) => address);
    const signals = kind === 'processes';

    beforeAll(async () => {
      const args = ['--kind', kind, '--jobs', '2'];
      daemons = await Promise.all([startDaemon({ args }), startDaemon({ args })]);
    });
    afterAll(() => Promise.all(daemons.map((daemon) => daemon.kill())));

    describe('backend contract', () =>
      backendContract(test, () => createGrpc({ workers: workers(), heapMb: 48 }), { smallHeap: true, signals }));
    describe('promises', () => promisesContract(test, () => createGrpc({ workers: workers() }), { signals }));
  });
}
