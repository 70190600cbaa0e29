import { execFile } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { readTokens } from '../../packages/backends/src/grpc/security/tokens.ts';
import { folder } from './folder.ts';

const BIN = fileURLToPath(new URL('../../packages/parallel/bin/jobloom.js', import.meta.url));

/** Exit code, and what `jobloom certs` printed. */
function certs(cwd: string, ...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [BIN, 'certs', ...args], { cwd }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });
}

const certificate = (file: string) => new X509Certificate(readFileSync(file));

test('makes a CA, and certificates for daemons and clients that it vouches for', async () => {
  const cwd = folder();
  expect(await certs(cwd, 'ca')).toMatchObject({ code: 0, stdout: 'certs/ca.pem\ncerts/ca-key.pem\n' });
  expect((await certs(cwd, 'server', 'gpu-1.example', '10.0.0.7', '::1', '--days', '5')).code).toBe(0);
  expect((await certs(cwd, 'client', 'ann')).stdout).toBe('certs/client-ann.pem\ncerts/client-ann-key.pem\n');
  const dir = join(cwd, 'certs');
  const ca = certificate(join(dir, 'ca.pem'));
  const server = certificate(join(dir, 'server-gpu-1.example.pem'));
  const client = certificate(join(dir, 'client-ann.pem'));
  for (const each of [server, client]) {
    expect(each.verify(ca.publicKey)).toBe(true);
    expect(each.checkIssued(ca)).toBe(true);
    expect(each.ca).toBe(false);
  }
  expect(ca.ca).toBe(true);
  expect([server.checkHost('gpu-1.example'), server.checkIP('10.0.0.7'), server.checkIP('::1')]).toEqual([
    'gpu-1.example',
    '10.0.0.7',
    '::1',
  ]);
  expect(server.checkHost('gpu-2.example')).toBeUndefined();
  expect(Math.round((Date.parse(server.validTo) - Date.now()) / 86_400_000)).toBe(5);
  const keys = readdirSync(dir).filter((name) => name.endsWith('-key.pem'));
  expect(keys.map((name) => statSync(join(dir, name)).mode & 0o777)).toEqual([0o600, 0o600, 0o600]);
});

test('overwrites nothing', async () => {
  const cwd = folder();
  await certs(cwd, 'ca');
  const before = readFileSync(join(cwd, 'certs/ca-key.pem'));
  expect(await certs(cwd, 'ca')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('certs/ca.pem is there already'),
  });
  expect(readFileSync(join(cwd, 'certs/ca-key.pem'))).toEqual(before);
  writeFileSync(join(cwd, 'certs/client-bob-key.pem'), 'mine');
  expect((await certs(cwd, 'client', 'bob')).code).toBe(1);
  expect(readdirSync(join(cwd, 'certs')).sort()).toEqual(['ca-key.pem', 'ca.pem', 'client-bob-key.pem']);
});

test('makes a token that only its owner can read, once', async () => {
  const cwd = folder();
  expect(await certs(cwd, 'token', 'token')).toMatchObject({ code: 0, stdout: 'token\n' });
  expect(readTokens(join(cwd, 'token')).all()).toHaveLength(1);
  expect((await certs(cwd, 'token', 'token')).stderr).toContain('token is there already');
});

test('needs a CA first, and says how to get one', async () => {
  const { code, stderr } = await certs(folder(), 'server', 'localhost');
  expect([code, stderr]).toEqual([1, expect.stringContaining('Make a CA first: npx jobloom certs ca --dir certs')]);
});

test.each([
  [[]],
  [['server']],
  [['client']],
  [['ca', 'x']],
  [['ca', '--days', '0']],
  [['nonsense']],
  [['ca', '--what']],
])('says how it is used: %j', async (args) => {
  const { code, stderr } = await certs(folder(), ...args);
  expect([code, stderr]).toEqual([2, expect.stringContaining('Usage:')]);
});
