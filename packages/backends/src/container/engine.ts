import { homedir } from 'node:os';
import { join } from 'node:path';
import type Docker from 'dockerode';
import { BackendUnusableError } from '../errors.ts';
import { ContainerError } from './container-error.ts';

/** Where engines that speak Docker's API are usually found, in the order in which they are tried. */
export function usualPlaces(env: NodeJS.ProcessEnv = process.env): readonly string[] {
  const runtime = env.XDG_RUNTIME_DIR ?? `/run/user/${process.getuid?.() ?? 0}`;
  return [
    '/var/run/docker.sock',
    join(runtime, 'docker.sock'),
    join(homedir(), '.docker/run/docker.sock'),
    '/run/podman/podman.sock',
    join(runtime, 'podman/podman.sock'),
  ].map((path) => `unix://${path}`);
}

/** An engine that has answered. */
export interface Engine {
  readonly docker: Docker;
  /** Where it was found: `unix:///var/run/docker.sock`. */
  readonly address: string;
}

/**
 * Connects to an engine: the one at `address`, or where DOCKER_HOST or CONTAINER_HOST say, or the first that answers at
 * one of the usual places. An address that was given is the only one that is tried.
 * @throws BackendUnusableError that lists what was tried and what came of it
 */
export async function connectEngine(address?: string): Promise<Engine> {
  const { DOCKER_HOST, CONTAINER_HOST } = process.env;
  const given = address ?? (DOCKER_HOST || CONTAINER_HOST);
  const tried: string[] = [];
  let cause: unknown;
  for (const place of given === undefined ? usualPlaces() : [given]) {
    try {
      const docker = await open(place);
      await docker.ping();
      return { docker, address: place };
    } catch (error) {
      if (error instanceof BackendUnusableError) throw error;
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') cause ??= error;
      tried.push(`${place}: ${explain(error as NodeJS.ErrnoException)}`);
    }
  }
  const message = `no container engine answers. Tried ${tried.join('; ')}. Start Docker or Podman (podman system service), or say where it is: DOCKER_HOST, or the option engine.`;
  throw new BackendUnusableError(message, { cause: new ContainerError('engine-gone', message, { cause }) });
}

function explain({ code, message }: NodeJS.ErrnoException): string {
  if (code === 'ENOENT') return 'there is no such socket';
  if (code === 'EACCES') return 'this user may not use it (EACCES): membership in its group, docker say, allows it';
  if (code === 'ECONNREFUSED') return 'nobody listens there (ECONNREFUSED)';
  return message;
}

async function open(address: string): Promise<Docker> {
  const Engine = await load();
  const path = /^(?:unix:\/\/)?(\/.*)$/.exec(address)?.[1];
  if (path !== undefined) return new Engine({ socketPath: path });
  if (address === process.env.DOCKER_HOST) return new Engine(); // with the certificates that DOCKER_CERT_PATH names
  if (!URL.canParse(address))
    throw new BackendUnusableError(
      `the address of a container engine must be a socket's path or a URL (unix://, tcp://, ssh://). Got ${JSON.stringify(address)}.`,
    );
  const url = new URL(address);
  const protocol = url.protocol.slice(0, -1);
  return new Engine({
    protocol: protocol === 'tcp' ? 'http' : (protocol as 'http' | 'https' | 'ssh'),
    host: url.hostname,
    ...(url.port !== '' && { port: Number(url.port) }),
    ...(url.username !== '' && { username: url.username }),
  });
}

async function load(): Promise<typeof Docker> {
  try {
    const loaded = await import('dockerode');
    return loaded.default;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== 'ERR_MODULE_NOT_FOUND' && code !== 'MODULE_NOT_FOUND') throw error;
    throw new BackendUnusableError(
      `containers need the package dockerode, which cannot be loaded (${message}). Install it: npm install dockerode`,
      { cause: error },
    );
  }
}
