import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { diskStore, type StoreErrorCode } from '@jobloom/stores';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { withService } from '../services/service.ts';
import { mountTmpfs, type Tmpfs, tmpfs } from '../services/tmpfs.ts';
import { eventsOf, listed, payloadOf, textOf } from './entries.ts';

const code = (expected: StoreErrorCode) => expect.objectContaining({ name: 'StoreError', code: expected });

withService(tmpfs, () => {
  let mount: Tmpfs;
  beforeEach(() => {
    mount = mountTmpfs('2m');
  });
  afterEach(() => mount.unmount());

  test('a full disk: told as such, no half entry, nothing temporary left, and room is room again', async () => {
    await using store = diskStore(mount.folder);
    await store.put('before', payloadOf('x', 500_000));
    await expect(store.put('large', payloadOf('y', 3_000_000))).rejects.toEqual(code('ERR_STORE_FULL'));
    expect(() => store.putSync?.('large', payloadOf('y', 3_000_000))).toThrow(code('ERR_STORE_FULL'));
    await expect(store.put('before', payloadOf('y', 3_000_000))).rejects.toEqual(code('ERR_STORE_FULL'));
    expect(readdirSync(join(mount.folder, 'tmp'))).toEqual([]);
    expect((await listed(store)).map(({ key }) => key)).toEqual(['before']);
    expect(textOf(await store.get('before'))).toBe('x 500000');
    expect(await store.put('small', payloadOf('z', 1000))).toBe('stored');
  });

  test('a full disk that takes no lease: told as such', async () => {
    await using store = diskStore(mount.folder);
    await store.put('before', payloadOf('x'));
    await fill(mount.folder);
    await expect(store.lease?.('a', { ttlMs: 1000 })).rejects.toEqual(code('ERR_STORE_FULL'));
    await expect(store.put('a', payloadOf('x', 100_000))).rejects.toEqual(code('ERR_STORE_FULL'));
    expect(textOf(await store.get('before'))).toBe('x 100');
    expect(await store.delete(['before'])).toBe(1);
  });

  test('a read-only place: reads go on, writes are refused, damaged entries are none', async () => {
    {
      await using store = diskStore(mount.folder);
      await store.put('a', payloadOf('x'));
      await store.put('bad', payloadOf('x'));
    }
    const name = readdirSync(join(mount.folder, 'entries'), { recursive: true, encoding: 'utf8' }).find((file) =>
      file.endsWith('bad.e'),
    );
    const path = join(mount.folder, 'entries', name ?? '');
    writeFileSync(path, readFileSync(path).fill(0, 150));
    mount.makeReadOnly();
    await using store = diskStore(mount.folder);
    const events = eventsOf(store);
    expect(textOf(await store.get('a'))).toBe('x 100');
    expect(store.getSync?.('a')).toBeDefined();
    expect((await listed(store)).length).toBe(2);
    const refused = code('ERR_STORE_READ_ONLY');
    await expect(store.put('b', payloadOf('y'))).rejects.toEqual(refused);
    await expect(store.put('a', payloadOf('y'))).rejects.toEqual(refused);
    await expect(store.put('large', payloadOf('y', 500_000))).rejects.toEqual(refused);
    await expect(store.delete(['a'])).rejects.toEqual(refused);
    await expect(store.lease?.('a', { ttlMs: 1000 })).rejects.toEqual(refused);
    expect(events).toEqual([]);
    expect(await store.get('bad')).toBeUndefined();
    expect(events.map(({ type }) => type)).toEqual(['fault', 'corrupt']);
    store.touch?.('a');
    await store.close();
    expect(events.map(({ type }) => type)).toEqual(['fault', 'corrupt', 'fault']);
  });
});

async function fill(folder: string): Promise<void> {
  for (let size = 1_048_576; size >= 1; size = Math.floor(size / 2)) {
    for (let index = 0; ; index += 1) {
      try {
        writeFileSync(join(folder, `fill-${size}-${index}`), Buffer.alloc(size));
      } catch {
        break;
      }
      if (size === 1) break;
    }
  }
}
