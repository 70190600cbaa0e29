import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type ContainerError, container } from '@jobloom/backends/container';
import { BackendUnusableError, delayed, Parallel, type WorkerLostError } from '@jobloom/parallel';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { labelsOf } from '../../packages/backends/src/container/owner.ts';
import { type TarEntry, tarOf } from '../../packages/backends/src/container/tar.ts';
import { withService } from '../services/service.ts';
import { engines, type PreparedEngine } from './engines.ts';
import { api, containersOf, scratchFolder, until, untilFile } from './scratch.ts';

const run = promisify(execFile);
const range = (n: number): number[] => Array.from({ length: n }, (_, x) => x);
const fixture = (name: string): string => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));

/** Says that it has started, and waits for ever. */
const waitForEver = async (folder: string): Promise<never> => {
  const { writeFileSync } = await import('node:fs');
  writeFileSync(`${folder}/started`, '');
  return new Promise(() => setInterval(() => undefined, 1000));
};

for (const [service, start] of engines) {
  withService(service, () => {
    let engine: PreparedEngine;
    beforeAll(async () => {
      engine = await start();
    });
    afterAll(() => engine?.stop());

    test('out of memory in one task of fifty', async () => {
      await using backend = container({ engine: engine.socket, image: engine.image, memory: '160M', heapMb: 64 });
      const hoard = (x: number): number => {
        const kept: Buffer[] = [];
        while (x === 25) kept.push(Buffer.alloc(8 * 1024 * 1024, x));
        return x;
      };
      const settled = await new Parallel({ nJobs: 2, backend, batchSize: 1 }).settle(
        range(50).map((x) => delayed(hoard)(x)),
      );
      expect(settled.map((each) => (each.status === 'fulfilled' ? each.value : 'lost'))).toEqual(
        range(50).map((x) => (x === 25 ? 'lost' : x)),
      );
      const { reason: error } = settled[25] as { reason: WorkerLostError };
      expect(error.message).toMatch(/^task 25: .* was killed by SIGKILL \(out of memory: its limit is 160 MB/);
      expect((error.cause as ContainerError).reason).toBe('out-of-memory');
    });

    test('kill -9 of a container: its task is lost, or runs again', async () => {
      using folder = scratchFolder();
      chmodSync(folder.path, 0o777);
      const mounts = [{ source: folder.path, target: '/shared' }];
      await using backend = container({ engine: engine.socket, image: engine.image, mounts });
      const runner = new Parallel({ nJobs: 2, backend, retries: 1 });
      const task = async (x: number): Promise<string> => {
        const { existsSync, writeFileSync } = await import('node:fs');
        const { setTimeout } = await import('node:timers/promises');
        if (x !== 1) return `${x}`;
        if (existsSync('/shared/started')) return 'again';
        console.error('before the kill');
        writeFileSync('/shared/started', (await import('node:os')).hostname());
        await setTimeout(60_000);
        return 'never';
      };
      const results = runner.run([0, 1, 2].map((x) => delayed(task)(x)));
      await untilFile(folder.file('started'));
      await until(() => readFileSync(folder.file('started'), 'utf8') !== '', 'the name of the container');
      await api(engine.socket)
        .getContainer(readFileSync(folder.file('started'), 'utf8'))
        .kill();
      expect(await results).toEqual(['0', 'again', '2']);
      await runner.close();

      using other = scratchFolder();
      chmodSync(other.path, 0o777);
      await using second = container({
        ...{ engine: engine.socket, image: engine.image },
        mounts: [{ source: other.path, target: '/shared' }],
      });
      const lost = new Parallel({ nJobs: 1, backend: second }).settle([delayed(waitForEver)('/shared')]);
      await untilFile(other.file('started'));
      const docker = api(engine.socket);
      for (const { Id, Mounts } of await docker.listContainers())
        if (Mounts.some(({ Source }) => Source === other.path)) await docker.getContainer(Id).kill();
      const [{ reason }] = (await lost) as unknown as [{ reason: WorkerLostError }];
      expect((reason.cause as ContainerError).reason).toBe('killed');
      expect(reason.message).toContain('the container was ended from outside');
    });

    test('kill -9 of the client, with endless loops in its tasks: nothing is left', async () => {
      using folder = scratchFolder();
      chmodSync(folder.path, 0o777);
      const before = new Set(await containersOf(api(engine.socket)));
      const client: ChildProcess = spawn(
        process.execPath,
        [fixture('endless-client.mjs'), engine.socket, engine.image, folder.path],
        { stdio: 'ignore' },
      );
      await untilFile(folder.file('0'));
      await untilFile(folder.file('1'));
      const ours = async () => (await containersOf(api(engine.socket))).filter((name) => !before.has(name));
      expect(await ours()).toHaveLength(2);
      client.kill('SIGKILL');
      await once(client, 'exit');
      await until(async () => (await ours()).length === 0, 'no container is left');
    });

    test('what dead programs left is removed by the next; what others have is not', async () => {
      const docker = api(engine.socket);
      const mine = labelsOf('test');
      const owner = mine['jobloom.owner'] ?? '';
      const labels = { ...mine, 'jobloom.owner': owner.replace(/-\d+-\d+$/, `-${process.pid}-1`) }; // this number once, long ago
      const make = (name: string, Labels: Record<string, string>) =>
        docker.createContainer({ name, Image: engine.image, Cmd: ['node'], Labels });
      const orphan = await make('orphan', labels);
      const others = await Promise.all([
        make('alive', mine),
        make('elsewhere', { ...labels, 'jobloom.owner': `other${owner}` }),
        make('stranger', {}),
      ]);
      await using backend = container({ engine: engine.socket, image: engine.image });
      expect(await new Parallel({ nJobs: 1, backend }).run([delayed(() => 1)()])).toEqual([1]);
      await until(
        () =>
          orphan.inspect().then(
            () => false,
            () => true,
          ),
        'the orphan is gone',
      );
      for (const other of others) await other.remove();
    });

    test('a container that is silent is ended', async () => {
      using folder = scratchFolder();
      chmodSync(folder.path, 0o777);
      const mounts = [{ source: folder.path, target: '/shared' }];
      const docker = api(engine.socket);
      await using backend = container({ engine: engine.socket, image: engine.image, mounts, silenceMs: 2500 });
      const settled = new Parallel({ nJobs: 1, backend }).settle([delayed(waitForEver)('/shared')]);
      await untilFile(folder.file('started'));
      for (const { Id, Mounts } of await docker.listContainers())
        if (Mounts.some(({ Source }) => Source === folder.path)) await docker.getContainer(Id).pause();
      const [{ reason }] = (await settled) as unknown as [{ reason: WorkerLostError }];
      expect((reason.cause as ContainerError).reason).toBe('unresponsive');
    });

    describe('images that do not fit, in words', () => {
      const failure = async (image: string): Promise<Error> => {
        await using backend = container({ engine: engine.socket, image });
        return await new Parallel({ nJobs: 1, backend }).run([delayed(() => 1)()]).then(
          () => new Error('it ran'),
          (error: Error) => error,
        );
      };
      const importImage = async (name: string, entries: TarEntry[]): Promise<void> => {
        const docker = api(engine.socket);
        const stream = await docker.importImage(Readable.from(tarOf(entries)) as never, {});
        const steps = await new Promise<{ status: string }[]>((resolve, reject) =>
          docker.modem.followProgress(stream, (error, all) => (error ? reject(error) : resolve(all))),
        );
        await docker.getImage(steps.at(-1)?.status ?? '').tag({ repo: name, tag: 'latest' });
      };

      test('one that is not there', async () => {
        const error = await failure('localhost/none:9');
        expect(error).toBeInstanceOf(BackendUnusableError);
        expect(error.message).toMatch(/^the engine has no image localhost\/none:9\. Make it by buildWorkerImage/);
        expect((error.cause as ContainerError).reason).toBe('image-missing');
      });

      test('one without Node', async () => {
        await importImage('localhost/empty', [{ path: 'bin/true', mode: 0o755, bytes: Buffer.from('#!/bin/sh\n') }]);
        const error = await failure('localhost/empty');
        expect(error).toBeInstanceOf(BackendUnusableError);
        expect(error.message).toMatch(/^image localhost\/empty has no Node: .*buildWorkerImage\(\{ tag \}\)/s);
      });

      test('one without jobloom', async () => {
        await using backend = container({
          engine: engine.socket,
          image: engine.image,
          command: ['node', '/elsewhere/entry.js'],
        });
        const error = (await new Parallel({ nJobs: 1, backend })
          .run([delayed(() => 1)()])
          .catch((raised: unknown) => raised)) as Error;
        expect(error).toBeInstanceOf(BackendUnusableError);
        expect(error.message).toMatch(/has no jobloom that its Node can run .*Cannot find module/s);
        expect((error.cause as ContainerError).lastLines.join(' ')).toContain('/elsewhere/entry.js');
      });
    });

    test('a socket that this user may not use, and no socket at all', async () => {
      const script = `
        import { connectEngine } from '@jobloom/backends/container';
        await connectEngine(process.argv[1]).catch((error) => console.log(error.message));
      `;
      const ask = async (address: string, more: object) =>
        (await run(process.execPath, ['--input-type=module', '-e', script, address], { cwd: root, ...more })).stdout;
      chmodSync(engine.socket, 0o600);
      expect(await ask(`unix://${engine.socket}`, { uid: 65534, gid: 65534 })).toMatch(/EACCES/);
      expect(await ask('/nowhere/s', {})).toMatch(
        /^no container engine answers\. Tried \/nowhere\/s: there is no such socket\. Start Docker or Podman/,
      );
    });

    test('kill -9 of the engine, and its return', async () => {
      using folder = scratchFolder();
      chmodSync(folder.path, 0o777);
      const mounts = [{ source: folder.path, target: '/shared' }];
      await using backend = container({ engine: engine.socket, image: engine.image, mounts, engineWaitMs: 20_000 });
      const runner = new Parallel({ nJobs: 2, backend, retries: 2 });
      const task = async (x: number): Promise<number> => {
        const { existsSync, writeFileSync } = await import('node:fs');
        const { setTimeout } = await import('node:timers/promises');
        writeFileSync(`/shared/${x}`, '');
        while (!existsSync('/shared/go')) await setTimeout(20);
        return x;
      };
      const results = runner.run([1, 2, 3, 4].map((x) => delayed(task)(x)));
      await untilFile(folder.file('1'));
      await untilFile(folder.file('2'));
      await engine.daemon.kill();
      writeFileSync(folder.file('go'), '');
      await engine.restart();
      expect(await results).toEqual([1, 2, 3, 4]);
      await backend.close();
      await until(async () => (await containersOf(api(engine.socket))).length === 0, 'no container is left');
    });

    test('an engine that does not come back is an error', async () => {
      await using backend = container({ engine: engine.socket, image: engine.image, engineWaitMs: 300, idleMs: 0 });
      const runner = new Parallel({ nJobs: 1, backend });
      expect(await runner.run([delayed(() => 1)()])).toEqual([1]);
      await engine.daemon.kill();
      const error = (await runner.run([delayed(() => 1)()]).catch((raised: unknown) => raised)) as Error;
      await engine.restart();
      expect(error).toBeInstanceOf(Error);
      expect(error.message).toMatch(/connection to the container engine broke|no container engine answers/);
    });
  });
}

const root = fileURLToPath(new URL('../..', import.meta.url));
