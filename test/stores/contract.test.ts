import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { diskStore, memoryStore, tiered } from '@jobloom/stores';
import { storeContract } from '@jobloom/stores/contract';
import { afterAll, describe, test } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'jobloom-stores-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('memory', () => storeContract(test, () => memoryStore(), { private: true }));
describe('disk', () => storeContract(test, () => diskStore(join(folder, 'disk'))));
describe('disk, safe against loss of power', () =>
  storeContract(test, () => diskStore(join(folder, 'fsync'), { fsync: true, verify: 'always' })));
describe('tiers of memory and disk', () =>
  storeContract(test, () => tiered([memoryStore({ maxBytes: 2 ** 20 }), diskStore(join(folder, 'tiers'))]), {
    cached: true,
  }));
