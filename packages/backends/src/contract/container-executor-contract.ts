import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { ContainerExecutor, ContainerJob } from '../container/executor.ts';
import type { DeclareTest } from './backend-contract.ts';

/** A job that runs a program of Node's. */
function job(program: string, more: Partial<ContainerJob> = {}): ContainerJob {
  return { token: randomUUID(), command: ['node', '-e', program], env: {}, folders: [], ...more };
}

/**
 * The tests that every `ContainerExecutor` must pass. Its containers have Node. `makeExecutor` gives a new instance;
 * each test takes back the jobs that it submitted.
 *
 * @example
 * containerExecutorContract(test, () => new DockerExecutor({ image: 'my-worker' }));
 */
export function containerExecutorContract(
  test: DeclareTest,
  makeExecutor: () => ContainerExecutor | Promise<ContainerExecutor>,
): void {
  const withExecutor = (name: string, body: (executor: ContainerExecutor) => Promise<void>): void => {
    test(name, async () => {
      const executor = await makeExecutor();
      try {
        await body(executor);
      } finally {
        await executor.cancelAll?.();
      }
    });
  };

  withExecutor('runs a command with its environment, and tells its exit code, again too', async (executor) => {
    const id = await executor.submit(job('process.exit(Number(process.env.CODE))', { env: { CODE: '7' } }));
    for (let times = 0; times < 2; times += 1) {
      const { code, signal } = await executor.wait(id);
      assert.deepEqual([code, signal], [7, null]);
    }
    await executor.cancel(id);
  });

  withExecutor('keeps the last lines of both streams', async (executor) => {
    const id = await executor.submit(
      job("for (const x of [1, 2, 3]) console.log('line ' + x); console.error('wrong')"),
    );
    assert.equal((await executor.wait(id)).code, 0);
    const lines = await executor.logs(id, 10);
    assert.deepEqual([...lines].sort(), ['line 1', 'line 2', 'line 3', 'wrong']);
    assert.equal((await executor.logs(id, 2)).length, 2);
    await executor.cancel(id);
  });

  withExecutor('a job that ends by a signal', async (executor) => {
    const id = await executor.submit(job("const { spawnSync } = require('node:child_process'); process.exit(128 + 9)"));
    const { code, signal } = await executor.wait(id);
    assert.ok(code === 137 || (code === null && signal === 'SIGKILL'), `${code} ${signal}`);
    await executor.cancel(id);
  });

  withExecutor('cancel ends a job that would never end; twice is fine', async (executor) => {
    const id = await executor.submit(job('setInterval(() => {}, 1000)'));
    const ended = executor.wait(id);
    await executor.cancel(id);
    const { code } = await ended;
    assert.notEqual(code, 0);
    await executor.cancel(id);
  });

  withExecutor('the same token is the same job', async (executor) => {
    const once = job('setInterval(() => {}, 1000)');
    const [first, second] = [await executor.submit(once), await executor.submit(once)];
    assert.equal(first, second);
    assert.notEqual(await executor.submit(job('')), first);
    const ended = executor.wait(first);
    await executor.cancel(first);
    await ended;
  });

  withExecutor('jobs run side by side', async (executor) => {
    const ids = await Promise.all([5, 6].map((code) => executor.submit(job(`process.exit(${code})`))));
    const codes = await Promise.all(ids.map(async (id) => (await executor.wait(id)).code));
    assert.deepEqual(codes, [5, 6]);
    for (const id of ids) await executor.cancel(id);
  });

  withExecutor('a program that is not there is an error, at once or as an exit', async (executor) => {
    const submitted = executor.submit(job('', { command: ['jobloom-no-such-program'] }));
    const outcome = await submitted.then((id) => executor.wait(id)).catch((error: unknown) => error as Error);
    assert.ok(outcome instanceof Error || outcome.code !== 0);
  });
}
