import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { answering, type Daemon, startDaemon } from './daemon.ts';
import { freePorts, missing, type Service } from './service.ts';

const run = promisify(execFile);

const PROGRAMS = ['radosgw', 'radosgw-admin', 'ceph-mon', 'ceph-osd', 'ceph', 'monmaptool', 'setpriv'];

export const ceph: Service = {
  name: 's3 (radosgw)',
  unavailable: () => missing(PROGRAMS, 'radosgw ceph-mon ceph-osd ceph-common'),
};

export interface RunningCeph {
  readonly port: number;
  readonly endpoint: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** The HTTP server. */
  readonly gateway: Daemon;
  /** What keeps the data, in memory. */
  readonly storage: Daemon;
  /** Starts the gateway again, after `gateway.kill()`. */
  restartGateway(): Promise<void>;
  stop(): Promise<void>;
}

/** An S3 server of our own: a Ceph cluster of one monitor and one storage daemon in memory, behind a gateway. */
export async function startCeph(): Promise<RunningCeph> {
  const folder = mkdtempSync(join(tmpdir(), 'jobloom-ceph-'));
  const [first = 0, second = 0, port = 0] = await freePorts(3);
  const fsid = randomUUID();
  const addresses = `[v2:127.0.0.1:${first}/0,v1:127.0.0.1:${second}/0]`;
  const config = join(folder, 'ceph.conf');
  for (const name of ['mon', 'osd', 'rgw', 'run', 'log']) mkdirSync(join(folder, name));
  writeFileSync(config, configuration(folder, fsid, addresses, port));
  const command = (program: string, ...args: string[]) => run(program, ['-c', config, ...args], { timeout: 60_000 });
  const daemons: Daemon[] = [];
  const start = (program: string, ...args: string[]): Daemon => {
    const daemon = startDaemon(program, ['-f', '-c', config, ...args]);
    daemons.push(daemon);
    return daemon;
  };
  const startGateway = async (): Promise<Daemon> => {
    const daemon = start('radosgw', '-n', 'client.rgw.a');
    await answering(port, 'GET / HTTP/1.0\r\n\r\n', /^HTTP/);
    return daemon;
  };

  const map = join(folder, 'monmap');
  await run('monmaptool', ['--create', '--addv', 'a', addresses, '--fsid', fsid, map]);
  await command('ceph-mon', '-i', 'a', '--mkfs', '--monmap', map);
  start('ceph-mon', '-i', 'a');
  const storageId = randomUUID();
  await command('ceph', 'osd', 'new', storageId);
  await command('ceph-osd', '-i', '0', '--mkfs', '--osd-uuid', storageId);
  const storage = start('ceph-osd', '-i', '0');
  while (!(await command('ceph', 'osd', 'stat')).stdout.includes('1 up')) await sleep(50);
  let gateway = await startGateway();
  const credentials = { accessKeyId: 'AKIATEST', secretAccessKey: 'secretsecret' };
  const keys = ['--access-key', credentials.accessKeyId, '--secret-key', credentials.secretAccessKey];
  await command('radosgw-admin', 'user', 'create', '--uid=test', '--display-name=test', ...keys);
  return {
    port,
    endpoint: `http://127.0.0.1:${port}`,
    credentials,
    storage,
    get gateway() {
      return gateway;
    },
    async restartGateway() {
      gateway = await startGateway();
    },
    async stop() {
      for (const daemon of daemons.reverse()) await daemon.kill();
      rmSync(folder, { recursive: true });
    },
  };
}

/** No authentication between the daemons, one replica, and quick decisions of the only monitor. */
function configuration(folder: string, fsid: string, addresses: string, port: number): string {
  return `[global]
fsid = ${fsid}
mon host = ${addresses}
auth cluster required = none
auth service required = none
auth client required = none
ms mon client mode = crc
ms bind ipv6 = false
public network = 127.0.0.0/8
cluster network = 127.0.0.0/8
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 1
osd pool default pgp num = 1
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
osd heartbeat grace = 60
mon allow pool size one = true
mon warn on pool no redundancy = false
mon max pg per osd = 1000
mon osd min in ratio = 0
mon data avail warn = 1
mon data avail crit = 1
mon tick interval = 1
paxos propose interval = 0.02
paxos min wait = 0.01
run dir = ${folder}/run
log file = ${folder}/log/$name.log
mon cluster log file = ${folder}/log/cluster.log
admin socket = ${folder}/run/$name.asok
pid file = ${folder}/run/$name.pid
crash dir = ${folder}/log
keyring = ${folder}/keyring
log max recent = 100
[mon.a]
mon data = ${folder}/mon
mon initial members = a
[osd]
osd data = ${folder}/osd
osd objectstore = memstore
memstore device bytes = 8589934592
osd op num shards = 1
osd max object name len = 2048
[client.rgw.a]
rgw data = ${folder}/rgw
rgw frontends = beast endpoint=127.0.0.1:${port} tcp_nodelay=1
rgw thread pool size = 32
rgw enable usage log = false
rgw run sync thread = false
rgw max concurrent requests = 128
`;
}
