import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { delimiter, join } from 'node:path';
import { describe, test } from 'vitest';

/** A program of others that suites run for real. */
export interface Service {
  readonly name: string;
  /** What must be installed. */
  readonly programs: readonly string[];
  /** What to install, for people. */
  readonly packages: string;
}

declare module 'vitest' {
  interface TaskMeta {
    /** How a service took part in this run: 'ran for real', or 'skipped: reason'. */
    service?: { name: string; outcome: string };
  }
}

/**
 * Declares a suite that needs a service. Where that isn't installed the suite is skipped, and the table at the end of
 * the run says why; with SERVICES_REQUIRED=1 it fails.
 */
export function withService(service: Service, suite: () => void): void {
  const missing = service.programs.filter((program) => !isInstalled(program));
  const reason = `${missing.join(', ')} not installed (Debian: apt-get install ${service.packages})`;
  test(`${service.name} is installed`, ({ task, skip }) => {
    const outcome = missing.length === 0 ? 'ran for real' : `skipped: ${reason}`;
    task.meta.service = { name: service.name, outcome };
    if (missing.length === 0) return;
    if (process.env.SERVICES_REQUIRED === '1') throw new Error(reason);
    skip(reason);
  });
  describe.skipIf(missing.length > 0)(service.name, suite);
}

function isInstalled(program: string): boolean {
  return folders().some((folder) => existsSync(join(folder, program)));
}

function folders(): string[] {
  return [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'];
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
