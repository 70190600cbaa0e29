import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { answeringSocket, type Daemon, startDaemon } from './daemon.ts';
import { engineTrouble } from './engine-trouble.ts';
import { missing, rootOnly, type Service } from './service.ts';

export const docker: Service = {
  name: 'docker',
  engine: true,
  unavailable: () => rootOnly('dockerd') ?? missing(['dockerd', 'setpriv'], 'docker.io') ?? engineTrouble('docker'),
};

/** An engine that speaks Docker's API at a socket of its own. */
export interface RunningEngine {
  readonly socket: string;
  readonly daemon: Daemon;
  /** Starts it again with what it had, after `daemon.kill()`. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** A dockerd of our own: no bridge, no firewall rules, all in one folder. */
export async function startDocker(): Promise<RunningEngine> {
  const folder = mkdtempSync(join(tmpdir(), 'jl-docker-'));
  const socket = join(folder, 's');
  const start = async (): Promise<Daemon> => {
    const daemon = startDaemon('dockerd', [
      ...['--data-root', join(folder, 'data'), '--exec-root', join(folder, 'run'), '--pidfile', join(folder, 'pid')],
      ...['-H', `unix://${socket}`, '--exec-opt', 'native.cgroupdriver=cgroupfs', '--iptables=false', '--bridge=none'],
    ]);
    await answeringSocket(socket, 'GET /_ping HTTP/1.0\r\n\r\n', /200 OK/);
    return daemon;
  };
  let daemon = await start();
  return {
    socket,
    get daemon() {
      return daemon;
    },
    async restart() {
      for (const pid of ['pid', 'run/docker/containerd/containerd.pid', 'run/containerd/containerd.pid'])
        rmSync(join(folder, pid), { force: true }); // where nobody buries the dead, it would wait for them
      daemon = await start();
    },
    async stop() {
      await daemon.end();
      for (const mount of ['data', 'run/netns/default']) spawnSync('umount', [join(folder, mount)]); // where it left them
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
