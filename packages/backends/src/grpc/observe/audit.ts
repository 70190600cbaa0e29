import { createHash } from 'node:crypto';
import type { Log } from './log.ts';

/** Who is behind a session, as far as it has proved. */
export interface AuditedClient {
  /** `address:port`. */
  readonly peer: string;
  /** Hex. */
  readonly session: string;
  readonly tokenId: string;
  /** Common name of its certificate, with mutual TLS. */
  readonly certificate?: string;
  /** What it says of itself. */
  readonly versions?: string;
}

/** Writes who came, what was refused, and what ran: hashes of code, never its text or what it was called with. */
export class Audit {
  readonly #log: Log;

  constructor(log: Log) {
    this.#log = log;
  }

  admitted({ peer, session, tokenId, certificate, versions }: AuditedClient): void {
    this.#log('info', 'client.admitted', `client ${peer} is in`, {
      peer,
      session,
      token: tokenId,
      certificate,
      versions,
    });
  }

  refused(peer: string, why: string): void {
    this.#log('warn', 'client.refused', `client ${peer} was refused: ${why}`, { peer, why });
  }

  left({ peer, session }: AuditedClient, why: string, batches: number): void {
    this.#log('info', 'client.left', `client ${peer} left: ${why}`, { peer, session, batches });
  }

  /** @param codes hashes of the codes that the batch's functions are made of, in any order */
  batch({ peer, session }: AuditedClient, unit: number, codes: readonly string[], tasks: number): void {
    this.#log('info', 'batch', `${tasks} tasks of ${peer}`, { peer, session, unit, tasks, code: batchHash(codes) });
  }
}

/** One hash for the code of a batch: the same for the same code, whoever sends it. */
export function batchHash(codes: readonly string[]): string {
  const hash = createHash('sha256');
  for (const code of [...new Set(codes)].sort()) hash.update(`${code}\n`);
  return hash.digest('hex').slice(0, 32);
}
