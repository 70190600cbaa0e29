import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest';
import { type HostNetwork, type NetworkHost, netns, startHosts } from '../services/netns.ts';
import { withService } from '../services/service.ts';
import { type RunningDaemon, startDaemon } from './daemons.ts';
import { FaultTable } from './fault-table.ts';

const CLIENT = fileURLToPath(new URL('fixtures/steady-client.mjs', import.meta.url));

withService(netns, () => {
  const table = new FaultTable();
  const folder = mkdtempSync(join(tmpdir(), 'jobloom-hosts-'));
  const tokenFile = join(folder, 'token');
  writeFileSync(tokenFile, 'a token of this test alone, 1234\n', { mode: 0o600 });
  let network: HostNetwork;
  let daemons: RunningDaemon[] = [];
  beforeEach(async () => {
    daemons = [];
    network = startHosts(3);
    daemons = await Promise.all(
      network.hosts.slice(1).map(({ address, prefix }) =>
        startDaemon({
          through: prefix,
          args: ['--listen', `${address}:7077`, '--jobs', '2', '--insecure', '--token-file', tokenFile],
        }),
      ),
    );
  });
  afterEach(async () => {
    await Promise.all(daemons.map((daemon) => daemon.kill()));
    network.stop();
  });
  afterAll(() => {
    table.print();
    rmSync(folder, { recursive: true });
  });

  /** Runs tasks from the first host; what it prints, line by line. */
  function client(): AsyncIterator<string> {
    const [{ prefix }, ...others] = network.hosts as [NetworkHost, ...NetworkHost[]];
    const workers = others.map(({ address }) => `${address}:7077`);
    const [program, ...args] = ['setpriv', '--pdeathsig', 'KILL', ...prefix, process.execPath, CLIENT];
    const child = spawn(program as string, [...args, tokenFile, ...workers], { stdio: ['ignore', 'pipe', 'inherit'] });
    return createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  }

  /** The next line that begins with a word; the rest of it. */
  async function next(lines: AsyncIterator<string>, word: string): Promise<string> {
    for (;;) {
      const { value, done } = await lines.next();
      if (done) throw new Error(`the client ended before it said ${word}`);
      if (`${value}`.startsWith(`${word} `)) return `${value}`.slice(word.length + 1);
    }
  }

  test.each<readonly [string, (client: NetworkHost, daemon: NetworkHost) => void]>([
    ['a daemon is off the network', (_, daemon) => daemon.unplug()],
    ['no packet of the client arrives at a daemon', (caller, daemon) => daemon.deafen(caller)],
    ['no packet of a daemon arrives at the client', (caller, daemon) => caller.deafen(daemon)],
  ])(
    '%s, and healed later: nothing is lost, and it is used again',
    async (what, cut) => {
      const [caller, , cutOff] = network.hosts as readonly [NetworkHost, NetworkHost, NetworkHost];
      const lines = client();
      await next(lines, 'started');
      const since = performance.now();
      cut(caller, cutOff);
      const why = await next(lines, 'exit');
      const ms = Math.round(performance.now() - since);
      expect(why).toMatch(/has not answered for 2000 ms/);
      expect(await next(lines, 'sum')).toBe('8955050'); // of the squares below 300
      caller.heal();
      cutOff.heal();
      expect(await next(lines, 'again')).toBe(`${cutOff.address}:7077`);
      table.add(
        `three hosts: ${what}`,
        'beats are not answered',
        ms,
        'the rest runs elsewhere; healed, it is used again',
      );
    },
    60_000,
  );
});
