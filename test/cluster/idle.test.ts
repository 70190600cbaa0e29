import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { startDaemon } from './daemons.ts';

const CLIENT = fileURLToPath(new URL('fixtures/idle-client.mjs', import.meta.url));

/** What the program printed; it fails where it has to be ended. */
async function run(address: string): Promise<string> {
  return (await promisify(execFile)(process.execPath, [CLIENT, address], { timeout: 60_000 })).stdout;
}

test('a program whose backend is open ends when nothing is under way, and not before', async () => {
  const daemon = await startDaemon({ args: ['--jobs', '1', '--kind', 'threads'] });
  onTestFinished(async () => void (await daemon.kill()));
  expect(await run(daemon.address)).toBe('[ 2 ]\n3\n');
});

test('so does one whose workers dial back to it', async () => {
  expect(await run('local')).toBe('[ 2 ]\n3\n');
});
