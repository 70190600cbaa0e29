import { container } from '@jobloom/backends/container';
import { backendContract } from '@jobloom/backends/contract';
import { promisesContract } from '@jobloom/parallel/contract';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { withService } from '../services/service.ts';
import { engines, type PreparedEngine } from './engines.ts';

for (const [service, start] of engines) {
  withService(service, () => {
    let engine: PreparedEngine;
    beforeAll(async () => {
      engine = await start();
    });
    afterAll(() => engine?.stop());
    const make = (more: object = {}) => container({ engine: engine.socket, image: engine.image, ...more });

    describe('backend contract', () =>
      backendContract(test, () => make({ heapMb: 48 }), { smallHeap: true, signals: true }));
    describe('promises', () => promisesContract(test, () => make(), { signals: true }));
  });
}
