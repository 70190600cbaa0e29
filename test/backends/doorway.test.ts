import { execFile } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { KEY_BYTES, openDoorway } from '../../packages/backends/src/processes/doorway.ts';

const run = promisify(execFile);

/** Connects, sends, and tells how it ended. */
const knock = (path: string, bytes: Uint8Array): Promise<string> =>
  new Promise((resolve) => {
    const socket = connect(path, () => socket.write(bytes));
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'error'));
    socket.on('close', () => resolve('cut off'));
    socket.on('data', () => resolve('answered'));
  });

test('the folder is for its user only, and gone once the worker is in', async () => {
  const welcomed = new Promise<Buffer>((resolve) => {
    const door = openDoorway(
      (socket, rest) => {
        socket.destroy();
        resolve(rest);
      },
      () => undefined,
    );
    const folder = dirname(door.path);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    void knock(door.path, Buffer.concat([door.key, Buffer.from('first words')])).then(() =>
      expect(existsSync(folder)).toBe(false),
    );
  });
  expect((await welcomed).toString()).toBe('first words');
});

test('a wrong key is cut off, and the right one still gets in afterwards', async () => {
  let welcomed = 0;
  const door = openDoorway(
    (socket) => {
      welcomed += 1;
      socket.destroy();
    },
    () => undefined,
  );
  expect(await knock(door.path, Buffer.alloc(KEY_BYTES))).toBe('cut off');
  expect(welcomed).toBe(0);
  expect(await knock(door.path, door.key)).toBe('cut off'); // by the test's own host
  expect(welcomed).toBe(1);
  door.close();
});

test.runIf(process.getuid?.() === 0)(
  'another user is refused by the operating system (root only: it takes root to become one)',
  async () => {
    const door = openDoorway(
      () => undefined,
      () => undefined,
    );
    const script = `require('node:net').connect(${JSON.stringify(door.path)}).on('error', (e) => console.log(e.code)).on('connect', () => console.log('in'))`;
    const { stdout } = await run(process.execPath, ['-e', script], { uid: 65534, gid: 65534 });
    expect(stdout.trim()).toBe('EACCES');
    const { stdout: own } = await run(process.execPath, ['-e', `${script}.on('connect', () => process.exit())`]);
    expect(own.trim()).toBe('in'); // the same program as the owner gets through: the refusal is about the user
    door.close();
  },
);
