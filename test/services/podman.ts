import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { answeringSocket, startDaemon } from './daemon.ts';
import type { RunningEngine } from './docker.ts';
import { engineTrouble } from './engine-trouble.ts';
import { missing, rootOnly, type Service } from './service.ts';

export const podman: Service = {
  name: 'podman',
  engine: true,
  unavailable: () =>
    rootOnly('podman’s service') ?? missing(['podman', 'runc', 'setpriv'], 'podman runc') ?? engineTrouble('podman'),
};

/** Podman's API with runc, all in one folder; limits that a root without CAP_SYS_RESOURCE may set. */
const CONFIGURATION = `[containers]
default_ulimits=["nofile=20000:20000","nproc=4096:4096"]
[engine]
runtime="runc"
cgroup_manager="cgroupfs"
events_logger="file"
`;

export async function startPodman(): Promise<RunningEngine> {
  const folder = mkdtempSync(join(tmpdir(), 'jl-podman-'));
  const socket = join(folder, 's');
  const configuration = join(folder, 'containers.conf');
  writeFileSync(configuration, CONFIGURATION);
  const start = async () => {
    const daemon = startDaemon(
      'podman',
      [
        ...['--root', join(folder, 'data'), '--runroot', join(folder, 'run'), '--tmpdir', join(folder, 'tmp')],
        ...['system', 'service', '--time=0', `unix://${socket}`],
      ],
      { CONTAINERS_CONF: configuration },
      folder, // where its monitor leaves a file when memory ends
    );
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
      daemon = await start();
    },
    async stop() {
      await daemon.end();
      spawnSync('umount', [join(folder, 'data', 'overlay')]); // mounted or not, by what it last did
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
