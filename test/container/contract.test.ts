import type { Backend } from '@jobloom/backends';
import { container } from '@jobloom/backends/container';
import { backendContract, type DeclareTest } from '@jobloom/backends/contract';
import { promisesContract } from '@jobloom/parallel/contract';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { withService } from '../services/service.ts';
import { engines, type PreparedEngine } from './engines.ts';

/** A backend that outlives its users: containers need not start anew for each test. */
function lent(backend: Backend): Backend {
  const keep = async (): Promise<void> => undefined;
  return {
    name: backend.name,
    capabilities: backend.capabilities,
    effectiveNJobs: (nJobs) => backend.effectiveNJobs(nJobs),
    submit: (batch, options) => backend.submit(batch, options),
    close: keep,
    [Symbol.asyncDispose]: keep,
  };
}

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
    describe('promises', () => promisesContract(test, () => lent(warm), { signals: true }));
  });
}
