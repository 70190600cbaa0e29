import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { providerContract } from '@jobloom/backends/contract';
import { command, createGrpc } from '@jobloom/backends/grpc';
import { delayed, Parallel } from '@jobloom/parallel';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { kubernetes } from '../../examples/k8s/kubernetes.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const jobloom = join(root, 'packages/parallel/bin/jobloom.js');
const HERE = '127.0.0.1:0';
let folder: string;
const state = () => join(folder, 'cluster');

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'jobloom-command-'));
  symlinkSync(fileURLToPath(new URL('fixtures/kubectl.mjs', import.meta.url)), join(folder, 'kubectl'));
  Object.assign(process.env, {
    PATH: `${folder}${delimiter}${process.env.PATH}`,
    KUBECTL_STATE: state(),
    KUBECTL_IMAGE: root,
  });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a command that lives as long as its worker', () => {
  providerContract(test, () => command({ start: ['node', jobloom, 'dial'] }), {
    kill: ({ detail }) => void process.kill(Number(detail?.split(' ')[1]), 'SIGKILL'),
  });
});

describe('Jobs of Kubernetes, by a kubectl that runs them here', () => {
  providerContract(test, () => kubernetes({ pollMs: 50 }), {
    kill: ({ worker }) => void process.kill(Number(readFileSync(join(state(), worker, 'pid'), 'utf8')), 'SIGKILL'),
  });

  test('tasks run there, and nothing is left', async () => {
    const provider = kubernetes({ workers: 2 });
    {
      await using backend = createGrpc({ provider, advertise: HERE });
      const square = (x: number) => x ** 2;
      const results = await new Parallel({ backend }).run([1, 2, 3].map((x) => delayed(square)(x)));
      expect(results).toEqual([1, 4, 9]);
      expect(readdirSync(state())).toHaveLength(2);
    }
    expect(readdirSync(state())).toEqual([]);
  });
});

test('hosts take turns, the one with the fewest workers first; stop runs at the end', async () => {
  const seen = join(folder, 'seen');
  const script = `echo "$1 $2" >> ${seen}; exec cat > /dev/null`;
  await using provider = command({
    start: ['/bin/sh', '-c', script, 'start', '{worker}', '{host}'],
    stop: ['/bin/sh', '-c', `echo "end $1 $2" >> ${seen}`, 'stop', '{worker}', '{host}'],
    hosts: ['a', 'b'],
  });
  expect(provider.workers).toBe(2);
  const invitation = { address: '127.0.0.1:1', token: 'a-token-of-no-use' };
  const lines = () => (existsSync(seen) ? readFileSync(seen, 'utf8').split('\n') : []);
  for (const worker of ['1', '2', '3']) await provider.launch({ worker, ...invitation });
  await expect.poll(() => lines().length).toBe(4);
  await provider.cancel('2');
  await provider.launch({ worker: '4', ...invitation });
  await expect
    .poll(() =>
      lines()
        .filter((line) => line !== '')
        .sort(),
    )
    .toEqual(['1 a', '2 b', '3 a', '4 b', 'end 2 b']);
});

test('orders may be in no argument', () => {
  expect(() => command({ start: ['ssh', 'host', '{orders}'] })).toThrow(
    'The start option of command must not have {orders}: they hold a token, and everybody sees arguments. Put them into input.',
  );
  expect(() => command({ start: ['a'], status: ['b'] })).toThrow('needs the option stop');
  expect(() => command({ start: [] })).toThrow('The start option of command must be a list of words. Got [].');
});

test('a worker that ends before it dials: the error says how, and what it wrote', async () => {
  const program = join(folder, 'fails');
  writeFileSync(program, '#!/bin/sh\nexit 3\n');
  chmodSync(program, 0o755);
  const run = async (provider: ReturnType<typeof command>): Promise<void> => {
    await using backend = createGrpc({ provider, advertise: HERE, waitForWorkers: 3000 });
    await new Parallel({ backend }).run([delayed(() => 1)()]);
  };
  await expect(run(command({ start: [program] }))).rejects.toThrow(/process \d+ ended with exit code 3/);
  const submitted = { start: ['true'], stop: ['true'], status: ['echo', 'Failed'], logs: ['echo', 'no space left'] };
  await expect(run(command({ ...submitted, pollMs: 20 }))).rejects.toThrow(
    /job \S+ has ended \(Failed\); it wrote last: no space left/,
  );
});
