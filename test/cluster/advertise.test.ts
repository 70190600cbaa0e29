import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { makeAuthority, makeServerCertificate } from '@jobloom/backends/grpc';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type HostNetwork, type NetworkHost, netns, startHosts } from '../services/netns.ts';
import { withService } from '../services/service.ts';

const CLIENT = fileURLToPath(new URL('fixtures/advertising-client.mjs', import.meta.url));

withService(netns, () => {
  let network: HostNetwork;
  beforeAll(() => {
    network = startHosts(2);
  });
  afterAll(() => network.stop());

  /** What the program on the first host says, whose worker is launched on the second. */
  async function run(tls?: object): Promise<Record<string, unknown>> {
    const [caller, other] = network.hosts as [NetworkHost, NetworkHost];
    const told = { advertise: `${caller.address}:7100`, through: other.prefix, tls };
    const command = ['--pdeathsig', 'KILL', ...caller.prefix, process.execPath, CLIENT, JSON.stringify(told)];
    return JSON.parse((await promisify(execFile)('setpriv', command)).stdout);
  }

  test('a worker on another host dials what is advertised, over TLS', async () => {
    const [caller, other] = network.hosts as [NetworkHost, NetworkHost];
    const ca = await makeAuthority({ name: 'test CA', days: 30 });
    const said = await run({
      ca: ca.cert,
      ...(await makeServerCertificate(ca, { name: 'caller', days: 30, hosts: [caller.address] })),
    });
    expect(said).toMatchObject({ nJobs: 2, sum: 2 });
    expect(said.there).toContain(other.address);
    expect(said.here).toContain(caller.address);
    expect(said.there).not.toContain(caller.address);
  }, 30_000);

  test('without TLS it is refused before anything listens', async () => {
    expect(await run()).toMatchObject({
      name: 'BackendUnusableError',
      message: expect.stringMatching(/plain text goes to this machine only/),
    });
  }, 30_000);
});
