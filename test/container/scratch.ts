import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Docker from 'dockerode';

/** A folder of its own that containers may write to. */
export function scratchFolder(): Disposable & { readonly path: string; file(name: string): string } {
  const path = mkdtempSync(join(tmpdir(), 'jobloom-container-'));
  return {
    path,
    file: (name) => join(path, name),
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }),
  };
}

/** Waits for something that another process does. */
export async function until(what: () => boolean | Promise<boolean>, name: string): Promise<void> {
  for (const end = performance.now() + 20_000; !(await what()); await sleep(20))
    if (performance.now() > end) throw new Error(`not within 20 s: ${name}`);
}

export const untilFile = (path: string): Promise<void> => until(() => existsSync(path), path);

/** The engine's API, beside the backend. */
export function api(socketPath: string): Docker {
  return new Docker({ socketPath });
}

/** Names of all containers that are there, running or not. */
export async function containersOf(docker: Docker): Promise<string[]> {
  return (await docker.listContainers({ all: true })).map(({ Names: [name = ''] }) => name);
}
