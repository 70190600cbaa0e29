import assert from 'node:assert/strict';
import { StoreError } from '../errors.ts';
import type { Lease, Store } from '../store.ts';
import type { StoreContractFlags } from './store-contract.ts';

type WithStore = (name: string, body: (store: Store, at: (key: string) => string) => Promise<void>) => void;

/** The part of the contract on leases, for stores that have them. */
export function leaseContract(
  withStore: WithStore,
  makeStore: () => Store | Promise<Store>,
  flags: StoreContractFlags,
): void {
  const withLeases = (
    name: string,
    body: (take: (key: string, ttlMs?: number) => Promise<Lease | undefined>, store: Store) => Promise<void>,
  ): void => {
    withStore(name, async (store, at) => {
      await store.open?.();
      if (!store.capabilities.leases) {
        await assert.rejects(
          async () => store.lease?.(at('a'), { ttlMs: 5_000 }) ?? Promise.reject(unsupported()),
          StoreError,
        );
        return;
      }
      await body(async (key, ttlMs = 5_000) => store.lease?.(at(key), { ttlMs }), store);
    });
  };

  withLeases('a lease keeps others out until it is released', async (take) => {
    const lease = await take('a');
    assert.ok(lease);
    assert.equal(await lease.isHeld(), true);
    assert.equal(await take('a'), undefined);
    const other = await take('b');
    assert.ok(other);
    await lease.release();
    await lease.release();
    assert.equal(await lease.isHeld(), false);
    const next = await take('a');
    assert.ok(next);
    assert.notEqual(next.token, lease.token);
    await lease[Symbol.asyncDispose]();
    assert.equal(await next.isHeld(), true);
    await next.release();
    await other.release();
  });

  withLeases('of 16 who want a lease at once one has it', async (take) => {
    const leases = await Promise.all(Array.from({ length: 16 }, () => take('race')));
    const held = leases.filter((lease) => lease !== undefined);
    assert.equal(held.length, 1);
    await held[0]?.release();
  });

  withLeases('a lease is apart from the entry of its key', async (take, store) => {
    const lease = await take('a');
    assert.deepEqual(await list(store), []);
    await lease?.release();
  });

  withLeases('close gives leases back', async (_take, store) => {
    if (flags.private === true) return;
    const key = `contract-lease-${Math.random().toString(36).slice(2)}`;
    const holder = await makeStore();
    assert.ok(await holder.lease?.(key, { ttlMs: 60_000 }));
    assert.equal(await store.lease?.(key, { ttlMs: 60_000 }), undefined);
    await holder.close();
    const lease = await store.lease?.(key, { ttlMs: 60_000 });
    assert.ok(lease);
    await lease.release();
  });

  withLeases('a lease outlives its time while its holder is busy and alive', async (take, store) => {
    const lease = await take('busy', 1_000);
    const start = performance.now();
    while (performance.now() - start < 2_500) {
      // the event loop is blocked: nothing on this thread can renew
      if (store.capabilities.sharedBy !== 'thread') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
    }
    assert.equal(await lease?.isHeld(), true);
    assert.equal(await take('busy', 1_000), undefined);
    await lease?.release();
  });
}

async function list(store: Store): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of store.list({ prefix: 'contract-' })) if (key.endsWith('/a')) keys.push(key);
  return keys;
}

function unsupported(): StoreError {
  return new StoreError('ERR_STORE_UNSUPPORTED', 'contract', 'there are no leases');
}
