import type { Backend } from '@jobloom/backends';
import { container } from '@jobloom/backends/container';
import { backendContract, type DeclareTest, providerContract } from '@jobloom/backends/contract';
import { createGrpc, docker as dockerProvider, type WorkerProvider } from '@jobloom/backends/grpc';
import { delayed, Parallel } from '@jobloom/parallel';
import { promisesContract } from '@jobloom/parallel/contract';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { lent } from '../backends/lent.ts';
import { withService } from '../services/service.ts';
import { engines, type PreparedEngine } from './engines.ts';
import { api, containersOf, until } from './scratch.ts';

for (const [service, start] of engines) {
  withService(service, () => {
    let engine: PreparedEngine;
    let warm: Backend;
    let fresh = false;
    const make = (): Backend => container({ engine: engine.socket, image: engine.image, heapMb: 96 });
    beforeAll(async () => {
      engine = await start('@grpc/grpc-js');
      warm = make();
    });
    afterAll(async () => {
      await warm?.close();
      await engine?.stop();
    });

    const declare: DeclareTest = (name, body) =>
      test(name, async () => {
        fresh = name.includes('close'); // that one is about the backend's own end
        await body();
      });
    describe('backend contract', () =>
      backendContract(declare, () => (fresh ? make() : lent(warm)), { smallHeap: true, signals: true }));
    describe('containers that dial back', () => {
      const provider = (): WorkerProvider =>
        dockerProvider({ engine: engine.socket, image: engine.image, network: 'host', cpus: 1, memory: '256M' });
      providerContract(test, provider, {
        kill: ({ detail }) =>
          api(engine.socket)
            .getContainer(detail?.split(' ')[1] ?? '')
            .kill(),
      });

      test('tasks run there, with certificates of their own; nothing is left', async () => {
        const before = (await containersOf(api(engine.socket))).length;
        {
          await using backend = createGrpc({ provider: provider(), advertise: '127.0.0.1:0' });
          const where = async (x: number) =>
            `${x} ${process.platform} ${(await import('node:fs')).existsSync('/opt/jobloom')}`;
          const results = await new Parallel({ backend }).run([1, 2].map((x) => delayed(where)(x)));
          expect(results).toEqual(['1 linux true', '2 linux true']);
        }
        await until(async () => (await containersOf(api(engine.socket))).length === before, 'no container is left');
      });
    });
    describe('promises', () => promisesContract(test, () => lent(warm), { signals: true }));
  });
}
