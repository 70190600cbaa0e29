import type { Backend } from '@jobloom/backends';
import { container } from '@jobloom/backends/container';
import { backendContract, type DeclareTest } from '@jobloom/backends/contract';
import { promisesContract } from '@jobloom/parallel/contract';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { lent } from '../backends/lent.ts';
import { docker } from '../services/docker.ts';
import { withService } from '../services/service.ts';
import { engines, type PreparedEngine } from './engines.ts';

for (const [service, start] of engines) {
  withService(service, () => {
    let engine: PreparedEngine;
    let warm: Backend;
    let fresh = false;
    const make = (): Backend => container({ engine: engine.socket, image: engine.image, heapMb: 96 });
    beforeAll(async () => {
      engine = await start();
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
    // above the same links: once is enough
    if (service === docker) describe('promises', () => promisesContract(test, () => lent(warm), { signals: true }));
  });
}
