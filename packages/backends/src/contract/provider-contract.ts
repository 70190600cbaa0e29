import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import type { Invitation, LaunchedWorker, WorkerProvider } from '../grpc/provider/provider.ts';
import type { DeclareTest } from './backend-contract.ts';

/** What only the author of a provider knows. */
export interface ProviderContractFlags {
  /** Ends a worker behind the provider's back, as its engine or a crash would. */
  readonly kill: (worker: LaunchedWorker) => void | Promise<void>;
  /** Where workers reach this process; 127.0.0.1 where it is left out. */
  readonly host?: string;
}

/**
 * The tests that every worker provider must pass. `makeProvider` gives a new instance, which the suite closes.
 *
 * @example
 * providerContract(test, () => local(), { kill: ({ detail }) => process.kill(Number(detail?.split(' ')[1]), 'SIGKILL') });
 */
export function providerContract(
  test: DeclareTest,
  makeProvider: () => WorkerProvider | Promise<WorkerProvider>,
  { kill, host = '127.0.0.1' }: ProviderContractFlags,
): void {
  const withProvider = (name: string, body: (bench: ProviderBench) => Promise<void>): void => {
    test(name, async () => {
      await using provider = await makeProvider();
      const caller = await listen(host);
      try {
        await body({ provider, ...caller });
      } finally {
        caller.close();
      }
    });
  };

  withProvider('a worker that is launched dials the address', async ({ provider, arrival, invite }) => {
    await provider.launch(invite('a'));
    await arrival();
    const [status, ...others] = await provider.status();
    assert.equal(status?.worker, 'a');
    assert.equal(status?.state, 'running');
    assert.deepEqual(others, []);
  });

  withProvider('a name is given once', async ({ provider, invite }) => {
    await provider.launch(invite('a'));
    await assert.rejects(provider.launch(invite('a')), /launched already/);
  });

  withProvider('a worker that is cancelled has ended, and nobody is told of a loss', async (bench) => {
    const { provider, arrival, invite } = bench;
    const lost: string[] = [];
    provider.onLost((worker) => lost.push(worker));
    await provider.launch(invite('a'));
    const socket = await arrival();
    await provider.cancel('a');
    await closed(socket);
    assert.deepEqual(await provider.status(), []);
    await provider.cancel('a');
    await provider.cancel('never launched');
    assert.deepEqual(lost, []);
  });

  withProvider('a worker that ends by itself, or is ended, is told of once', async ({ provider, arrival, invite }) => {
    const lost: string[] = [];
    const told = new Promise<string>((resolve) => {
      provider.onLost((worker, why) => {
        lost.push(worker);
        resolve(why);
      });
    });
    await provider.launch(invite('a'));
    await arrival();
    await kill((await provider.status())[0] as LaunchedWorker);
    assert.match(await told, /\S/);
    assert.deepEqual(
      (await provider.status()).map(({ worker, state }) => [worker, state]),
      [['a', 'ended']],
    );
    await provider.cancel('a');
    assert.deepEqual(lost, ['a']);
  });

  withProvider('a worker whose caller hangs up ends by itself', async ({ provider, arrival, invite }) => {
    const told = new Promise<string>((resolve) => {
      provider.onLost(resolve);
    });
    await provider.launch(invite('a'));
    (await arrival()).destroy();
    assert.equal(await told, 'a');
  });

  withProvider('whoever stopped listening is not told', async ({ provider, arrival, invite }) => {
    const lost: string[] = [];
    const stop = provider.onLost((worker) => lost.push(worker));
    stop();
    const told = new Promise((resolve) => {
      provider.onLost(resolve);
    });
    await provider.launch(invite('a'));
    (await arrival()).destroy();
    await told;
    assert.deepEqual(lost, []);
  });

  withProvider('the token is in no argument and no environment variable of any process', async (bench) => {
    const { provider, arrival, invite } = bench;
    const invitation = invite('a');
    await provider.launch(invitation);
    await arrival();
    assert.deepEqual(whoShows(invitation.token), []);
  });

  withProvider('close ends all workers, and twice is fine', async ({ provider, arrival, invite }) => {
    await provider.launch(invite('a'));
    await provider.launch(invite('b'));
    const sockets = [await arrival(), await arrival()];
    await provider.close();
    await Promise.all(sockets.map(closed));
    await provider.close();
    assert.deepEqual(await provider.status(), []);
  });
}

interface ProviderBench {
  readonly provider: WorkerProvider;
  /** The next worker that dials. */
  arrival(): Promise<Socket>;
  invite(worker: string): Invitation;
}

/** A caller that takes calls and says nothing. */
async function listen(host: string): Promise<Omit<ProviderBench, 'provider'> & { close(): void }> {
  const sockets: Socket[] = [];
  const waiting: ((socket: Socket) => void)[] = [];
  let seen = 0;
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.resume();
    sockets.push(socket);
    waiting.shift()?.(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const { port } = server.address() as { port: number };
  return {
    arrival() {
      const socket = sockets[seen];
      seen += 1;
      return socket === undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(socket);
    },
    invite: (worker) => ({ worker, address: `${host}:${port}`, token: randomBytes(32).toString('hex') }),
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

async function closed(socket: Socket): Promise<void> {
  if (!socket.closed) await once(socket, 'close');
}

/** Processes that have the text where others can read it. Linux alone shows all of that. */
function whoShows(secret: string): string[] {
  if (!existsSync('/proc/self/cmdline')) return [];
  const shown: string[] = [];
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name)))
    for (const file of ['cmdline', 'environ'])
      try {
        if (readFileSync(`/proc/${pid}/${file}`, 'latin1').includes(secret)) shown.push(`${pid}/${file}`);
      } catch {
        // it has ended
      }
  return shown;
}
