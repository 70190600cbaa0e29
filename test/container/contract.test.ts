import type { Backend } from '@jobloom/backends';
import { container } from '@jobloom/backends/container';
import { backendContract } from '@jobloom/backends/contract';
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
    const make = (heapMb?: number) =>
      container({ engine: engine.socket, image: engine.image, ...(heapMb !== undefined && { heapMb }) });
    beforeAll(async () => {
      engine = await start();
      warm = make();
    });
    afterAll(async () => {
      await warm?.close();
      await engine?.stop();
    });

    describe('backend contract', () => backendContract(test, () => make(48), { smallHeap: true, signals: true }));
    describe('promises', () => promisesContract(test, () => lent(warm), { signals: true }));
  });
}
