import { chmodSync, readFileSync } from 'node:fs';
import { type ContainerOptions, container, DockerExecutor } from '@jobloom/backends/container';
import { containerExecutorContract, providerContract } from '@jobloom/backends/contract';
import { createGrpc, docker as dockerProvider, type WorkerProvider } from '@jobloom/backends/grpc';
import { cpuCount, delayed, Parallel, type WorkerLostError } from '@jobloom/parallel';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { withService } from '../services/service.ts';
import { engines, type PreparedEngine } from './engines.ts';
import { api, containersOf, scratchFolder, until } from './scratch.ts';

const MB = 1024 * 1024;

for (const [service, start] of engines) {
  withService(service, () => {
    let engine: PreparedEngine;
    beforeAll(async () => {
      engine = await start('@grpc/grpc-js');
    });
    afterAll(async () => {
      expect(await containersOf(api(engine.socket))).toEqual([]); // whatever was tested, nothing is left
      await engine.stop();
    });
    const make = (more: Partial<ContainerOptions> = {}) =>
      container({ engine: engine.socket, image: engine.image, ...more });

    describe('executor', () =>
      containerExecutorContract(test, () => new DockerExecutor({ engine: engine.socket, image: engine.image })));

    describe('containers that dial back', () => {
      const provider = (): WorkerProvider =>
        dockerProvider({ engine: engine.socket, image: engine.image, network: 'host', cpus: 1, memory: '256M' });
      providerContract(test, provider, {
        kill: ({ detail }) =>
          api(engine.socket)
            .getContainer(detail?.split(' ')[1] ?? '')
            .kill(),
      });

      test('tasks run there, with certificates of their own; nothing is left', async () => {
        {
          await using backend = createGrpc({ provider: provider(), advertise: '127.0.0.1:0' });
          const where = async (x: number) =>
            `${x} ${process.platform} ${(await import('node:fs')).existsSync('/opt/jobloom')}`;
          const results = await new Parallel({ backend }).run([1, 2].map((x) => delayed(where)(x)));
          expect(results).toEqual(['1 linux true', '2 linux true']);
        }
        await until(async () => (await containersOf(api(engine.socket))).length === 0, 'no container is left');
      });
    });

    test('limits, user, network, file system and environment are what was asked for', async () => {
      using folder = scratchFolder();
      chmodSync(folder.path, 0o777);
      await using backend = make({
        ...{ cpus: 1.5, memory: '256M', pids: 77, user: '1234:4321', env: { GREETING: 'hello' }, tmp: '16M' },
        mounts: [{ source: folder.path, target: '/given', readOnly: true }],
      });
      const look = async () => {
        const fs = await import('node:fs');
        const os = await import('node:os');
        const v8 = await import('node:v8');
        const attempt = (act: () => void): string => {
          try {
            act();
            return 'done';
          } catch (error) {
            return (error as NodeJS.ErrnoException).code ?? 'failed';
          }
        };
        const status = fs.readFileSync('/proc/self/status', 'utf8');
        return {
          cpus: cpuCount(),
          memory: process.constrainedMemory(),
          heapMb: Math.round(v8.getHeapStatistics().heap_size_limit / 1024 / 1024),
          user: [process.getuid?.(), process.getgid?.()],
          network: Object.keys(os.networkInterfaces()),
          root: attempt(() => fs.writeFileSync('/here', '')),
          given: attempt(() => fs.writeFileSync('/given/here', '')),
          tmp: attempt(() => fs.writeFileSync('/tmp/here', Buffer.alloc(1024))),
          full: attempt(() => fs.writeFileSync('/tmp/here', Buffer.alloc(32 * 1024 * 1024))),
          greeting: process.env.GREETING,
          capabilities: /^CapEff:\s*(\w+)/m.exec(status)?.[1],
          noNewPrivileges: /^NoNewPrivs:\s*(\w+)/m.exec(status)?.[1],
        };
      };
      const [found] = await new Parallel({ nJobs: 1, backend }).run([delayed(look)()]);
      expect(found).toEqual({
        cpus: 2, // 1.5, rounded up
        memory: 256 * MB,
        heapMb: expect.toSatisfy((mb: number) => mb > 140 && mb < 200),
        user: [1234, 4321],
        network: expect.toSatisfy((names: string[]) => names.every((name) => name === 'lo')),
        root: 'EROFS',
        given: 'EROFS',
        tmp: 'done',
        full: 'ENOSPC',
        greeting: 'hello',
        capabilities: '0000000000000000',
        noNewPrivileges: '1',
      });
    });

    test('what tasks print is no packet, by whatever way', async () => {
      await using backend = make();
      const print = async (x: number): Promise<number> => {
        const { writeSync } = await import('node:fs');
        console.log('console', x);
        process.stdout.write(Buffer.from([1, 0, 0, 0, 0xc1]));
        writeSync(1, 'descriptor 1\n');
        return x;
      };
      expect(await new Parallel({ nJobs: 2, backend }).run([1, 2, 3].map((x) => delayed(print)(x)))).toEqual([1, 2, 3]);
      const lines: string[] = [];
      const runner = new Parallel({ nJobs: 1, backend, captureConsole: ({ text }) => void lines.push(text.trim()) });
      await runner.run([delayed(() => console.log('captured'))()]);
      expect(lines).toEqual(['captured']);
    });

    test("isolate: 'task': each batch has a container of its own, by its streams and by a folder", async () => {
      using folder = scratchFolder();
      const name = async (): Promise<string> => (await import('node:os')).hostname();
      for (const options of [{}, { transport: 'store', store: folder.path }] as const) {
        await using backend = make({ isolate: 'task', ...options });
        const names = await new Parallel({ nJobs: 2, backend, batchSize: 1 }).run([1, 2, 3].map(() => delayed(name)()));
        expect(new Set(names).size).toBe(3);
        expect(names.every((each) => /^[0-9a-f]{12}$/.test(each))).toBe(true);
      }
    });

    test.each([0, 1, 2])(
      'a task that always kills its worker, with %i retries, runs once and that often again',
      async (retries) => {
        using folder = scratchFolder();
        chmodSync(folder.path, 0o777);
        await using backend = make({ mounts: [{ source: folder.path, target: '/shared' }] });
        const task = async (): Promise<never> => {
          const { appendFileSync } = await import('node:fs');
          appendFileSync('/shared/runs', 'x');
          return process.exit(9);
        };
        const [settled] = await new Parallel({ nJobs: 1, backend, retries }).settle([delayed(task)()]);
        expect(settled?.status).toBe('rejected');
        expect(readFileSync(folder.file('runs'), 'utf8')).toHaveLength(1 + retries);
        const { reason } = settled as { reason: Error };
        const lost = (retries === 0 ? reason : reason.cause) as WorkerLostError;
        expect(lost.message).toContain('exit code 9');
      },
    );

    test('-1 jobs are as many as the engine has room for', async () => {
      const { NCPU } = (await api(engine.socket).info()) as { NCPU: number };
      await using backend = make({ cpus: 0.5 });
      expect(await backend.effectiveNJobs(-1)).toBe(2 * NCPU);
      expect(await backend.effectiveNJobs(-2)).toBe(2 * NCPU - 1);
      expect(await backend.effectiveNJobs(7)).toBe(7);
    });
  });
}
