import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { answering, type Daemon, startDaemon } from './daemon.ts';
import { freePorts, missing, type Service } from './service.ts';

export const redis: Service = {
  name: 'redis',
  unavailable: () => missing(['redis-server', 'setpriv'], 'redis-server'),
};

export interface RunningRedis {
  readonly port: number;
  readonly url: string;
  readonly daemon: Daemon;
  /** Starts it again on the same port and folder, after `daemon.kill()`. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** A redis-server of our own, in a folder and on a port of its own. */
export async function startRedis(...options: string[]): Promise<RunningRedis> {
  const folder = mkdtempSync(join(tmpdir(), 'jobloom-redis-'));
  const [port = 0] = await freePorts(1);
  const start = async (): Promise<Daemon> => {
    const args = ['--port', `${port}`, '--bind', '127.0.0.1', '--save', '', '--dir', folder, ...options];
    const daemon = startDaemon('redis-server', args);
    await answering(port, 'PING\r\n', /^(\+PONG|-NOAUTH)/);
    return daemon;
  };
  let daemon = await start();
  return {
    port,
    url: `redis://127.0.0.1:${port}/0`,
    get daemon() {
      return daemon;
    },
    async restart() {
      daemon = await start();
    },
    async stop() {
      await daemon.kill();
      rmSync(folder, { recursive: true });
    },
  };
}
