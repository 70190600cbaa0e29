import { fingerprint } from '@jobloom/codec';
import { delayed, parallel } from '@jobloom/parallel';
import { afterAll, describe, expect, test } from 'vitest';
import { CASES, MAKERS } from './fixtures/fingerprint-cases.ts';
import { PEERS } from './peers.ts';

describe.each(PEERS)('a rebuilt function in a %s', (_name, open) => {
  const peer = open();
  const other = open();
  afterAll(async () => {
    await peer[Symbol.asyncDispose]();
    await other[Symbol.asyncDispose]();
  });

  test.each(Object.keys(CASES))('has the fingerprint of its original: %s', async (name) => {
    const fn = CASES[name] as (...args: unknown[]) => unknown;
    const there = await peer.call((each) => fingerprint(each).id, fn);
    expect(there).toBe(fingerprint(fn).id);
    expect(await other.call((each) => fingerprint(each).id, fn)).toBe(there);
  });

  test('what it makes has the fingerprint of what the original makes', async () => {
    const { times, meta } = MAKERS;
    expect(await peer.call((make) => fingerprint(make(3)).id, times)).toBe(fingerprint(times(3)).id);
    expect(await peer.call((make) => fingerprint(make(4)).id, times)).not.toBe(fingerprint(times(3)).id);
    expect(await peer.call((make) => fingerprint(make(3)).id, meta)).toBe(fingerprint(meta(3)).id);
  });
});

test.each(['threads', 'processes'] as const)(
  'tasks on %s take the fingerprints of the functions that they capture',
  async (backend) => {
    const fns = Object.values(CASES);
    const take = (fn: (...args: unknown[]) => unknown) => delayed(() => fingerprint(fn).id)();
    expect(await parallel(fns.map(take), { backend, nJobs: 2 })).toEqual(fns.map((fn) => fingerprint(fn).id));
  },
);
