import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { delimiter, join } from 'node:path';
import { describe, test } from 'vitest';

/** Something of the machine that suites run against for real. */
export interface Service {
  readonly name: string;
  /** It runs others' programs: required with ENGINES_REQUIRED=1, as not every machine lets one run. */
  readonly engine?: boolean;
  /** Why it cannot be had here. */
  unavailable(): string | undefined;
}

/** Reasons begin with it that no installation can mend. */
export const NOT_ALLOWED = 'not allowed here: ';

declare module 'vitest' {
  interface TaskMeta {
    /** How a service took part in this run: 'ran for real', or 'skipped: reason'. */
    service?: { name: string; outcome: string };
  }
}

/**
 * Declares a suite that needs a service. Where that cannot be had the suite is skipped, and the table at the end of
 * the run says why; with SERVICES_REQUIRED=1 it fails, unless the machine does not allow it.
 */
export function withService(service: Service, suite: () => void): void {
  const reason = service.unavailable();
  test(`${service.name} can be had here`, ({ task, skip }) => {
    task.meta.service = { name: service.name, outcome: reason === undefined ? 'ran for real' : `skipped: ${reason}` };
    if (reason === undefined) return;
    const required = service.engine ? process.env.ENGINES_REQUIRED : process.env.SERVICES_REQUIRED;
    if (required === '1' && !reason.startsWith(NOT_ALLOWED)) throw new Error(reason);
    skip(reason);
  });
  describe.skipIf(reason !== undefined)(service.name, suite);
}

/** Why programs cannot be run, or undefined. `packages` are Debian's. */
export function missing(programs: readonly string[], packages: string): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const absent = programs.filter((program) => !folders.some((folder) => existsSync(join(folder, program))));
  return absent.length === 0 ? undefined : `${absent.join(', ')} not installed (Debian: apt-get install ${packages})`;
}

/** Why a program that only root may run cannot be run, or undefined. */
export function rootOnly(what: string): string | undefined {
  return process.getuid?.() === 0 ? undefined : `${what} needs root here`;
}

/** Ports of the loopback interface that nobody uses now. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
