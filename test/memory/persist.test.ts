import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hash as codecs, Session, UnserializableError } from '@jobloom/codec';
import { DamagedFileError, dump, hash, load, OptionError } from '@jobloom/memory';
import { beforeEach, describe, expect, test } from 'vitest';
import { withService } from '../services/service.ts';
import { mountTmpfs, tmpfs } from '../services/tmpfs.ts';
import { scratchFolders } from './scratch.ts';

const scratch = scratchFolders();
let file = '';
beforeEach(() => {
  mkdirSync(scratch.folder, { recursive: true });
  file = join(scratch.folder, 'value.jbl');
});

const shared = new ArrayBuffer(20_000);
const value = {
  name: 'model',
  weights: new Float64Array(50_000).map((_, at) => at / 3),
  counts: new Uint32Array([1, 2, 3]),
  maps: new Map<unknown, unknown>([[{ a: 1 }, new Set([1n, -0, undefined])]]),
  when: new Date(0),
  buffer: shared,
  views: [new Uint8Array(shared, 100, 50), new Float32Array(shared, 400, 9)],
};

describe('dump and load', () => {
  test.each([false, true, 'gzip', 'brotli'] as const)('compress: %s', async (compress) => {
    await dump(value, file, { compress });
    const loaded = await load<typeof value>(file);
    expect(loaded).toEqual(value);
    expect(loaded.views[0]?.buffer).toBe(loaded.buffer);
    expect(readFileSync(file).byteLength < 300_000).toBe(compress !== false);
  });

  test.each([undefined, null, 0, 'text', [], Number.NaN])('%s', async (one) => {
    await dump(one, file);
    expect(await load(file)).toEqual(one);
  });

  test('cycles', async () => {
    const cycle: { self?: unknown } = {};
    cycle.self = cycle;
    await dump(cycle, file);
    const loaded = await load<typeof cycle>(file);
    expect(loaded.self).toBe(loaded);
  });

  test('into memory that is there', async () => {
    await dump(value, file);
    const into = new Uint8Array(1_000_000);
    const loaded = await load<typeof value>(file, { into });
    expect(loaded).toEqual(value);
    expect(loaded.weights.buffer).toBe(into.buffer);
    expect(loaded.buffer).not.toBe(into.buffer);
  });

  test('functions and instances are refused, with the way to them; nothing is left behind', async () => {
    class Model {
      a = 1;
    }
    await expect(dump({ list: [() => 1] }, file)).rejects.toThrow(UnserializableError);
    await expect(dump({ model: new Model() }, file)).rejects.toThrow(/^result -> \.model/);
    expect(readdirSync(scratch.folder)).toEqual([]);
  });

  test('what can not be written leaves what was there', async () => {
    await dump('before', file);
    await expect(dump('x', join(scratch.folder, 'nowhere', 'x.jbl'))).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(dump('x', file, { compress: 'rar' as never })).rejects.toThrow(OptionError);
    expect(await load(file)).toBe('before');
    expect(readdirSync(scratch.folder)).toEqual(['value.jbl']);
  });

  test('another program loads it', async () => {
    const { execFileSync } = await import('node:child_process');
    await dump({ a: new Int16Array([5, 6]) }, file, { compress: true });
    const code = `import { load } from '${import.meta.resolve('@jobloom/memory')}'; console.log((await load('${file}')).a[1]);`;
    expect(execFileSync(process.execPath, ['--input-type=module', '-e', code], { encoding: 'utf8' })).toBe('6\n');
  });
});

describe('damage', () => {
  test('any byte flipped, any length cut: told, never a wrong value', async () => {
    await dump({ a: 'text', b: new Uint8Array(6_000).fill(3) }, file);
    const good = readFileSync(file);
    const places = [...Array(200).keys(), ...Array.from({ length: 30 }, (_, at) => 200 + at * 190)];
    let harmless = 0;
    for (const at of places.filter((each) => each < good.length)) {
      const bad = Buffer.from(good);
      bad[at] = (bad[at] ?? 0) ^ 4;
      writeFileSync(file, bad);
      try {
        expect(await load(file)).toEqual({ a: 'text', b: new Uint8Array(6_000).fill(3) });
        harmless += 1; // between blocks
      } catch (error) {
        expect(error).toBeInstanceOf(DamagedFileError);
        expect((error as DamagedFileError).message.startsWith(`${file}: `)).toBe(true);
      }
    }
    expect(harmless).toBeLessThan(64 * 2);
    for (let length = 0; length < good.length; length += 97) {
      writeFileSync(file, good.subarray(0, length));
      await expect(load(file)).rejects.toThrow(DamagedFileError);
    }
  });

  test('other files, and files in a compression that is not here', async () => {
    writeFileSync(file, 'a text that is long enough to be one');
    await expect(load(file)).rejects.toThrow(/it is no file that dump wrote/);
    await expect(load(join(scratch.folder, 'none'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('a file that holds code is not run', async () => {
    const { crc32 } = await import('node:zlib');
    await dump('x', file);
    const front = readFileSync(file).subarray(0, 40);
    const { head } = new Session({ functions: true }).encode({ run: () => process.exit(1) });
    front.writeDoubleLE(head.byteLength, 16);
    front.writeDoubleLE(head.byteLength, 24);
    front.writeUInt32LE(crc32(head), 32);
    front.writeUInt32LE(crc32(front.subarray(16), crc32(front.subarray(0, 12))), 12);
    writeFileSync(file, Buffer.concat([front, Buffer.alloc(24), head]));
    await expect(load(file)).rejects.toThrow(/: its value can't be made here: .* a code is missing/);
  });
});

withService(tmpfs, () => {
  test('a full disk: told, and nothing half is left', async () => {
    const mount = mountTmpfs('1m');
    try {
      await expect(dump(new Uint8Array(3_000_000), join(mount.folder, 'x'))).rejects.toMatchObject({ code: 'ENOSPC' });
      expect(readdirSync(mount.folder)).toEqual([]);
      expect(existsSync(join(mount.folder, 'x'))).toBe(false);
    } finally {
      mount.unmount();
    }
  });
});

test('hash is that of the codec', () => {
  expect(hash({ b: 1, a: [2] })).toBe(codecs({ a: [2], b: 1 }));
});
