import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isAlive, realm, startOf } from '../../process-identity.ts';
import type { Orders } from './provider.ts';

const NOTE = 'job';
const LINES = 3;

/** Orders of the workers of one submission: files that only this user can read, each named after its worker's number. */
export class OrderFiles {
  readonly folder: string;
  #left: number;

  /** @throws Error when `parent` cannot be written to */
  constructor(parent: string, orders: readonly Orders[]) {
    const mine = `${realm()}-${process.pid}-${startOf(process.pid) ?? 0}`;
    this.folder = join(parent, `${mine}-${randomBytes(4).toString('hex')}`);
    this.#left = orders.length;
    mkdirSync(this.folder, { recursive: true, mode: 0o700 });
    for (const [at, each] of orders.entries())
      writeFileSync(join(this.folder, `${at}.json`), JSON.stringify(each), { mode: 0o600, flag: 'wx' });
  }

  /** What it was submitted as, for whoever finds the folder after this process has ended. */
  note(job: string): void {
    writeFileSync(join(this.folder, NOTE), job, { mode: 0o600 });
  }

  /** The last lines that a worker wrote to its log. */
  lastLines(log: string): string {
    try {
      return readFileSync(join(this.folder, log), 'utf8').trim().split('\n').slice(-LINES).join(' | ');
    } catch {
      return ''; // it wrote none
    }
  }

  /** One of the workers has ended; the folder goes with the last. */
  done(): void {
    this.#left -= 1;
    if (this.#left === 0) this.remove();
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Removes what processes of this system left that are no more; gives the jobs that these had. */
export function reapOrders(parent: string): readonly string[] {
  const jobs: string[] = [];
  for (const name of foldersIn(parent)) {
    const [of, pid, start = '0'] = name.split('-');
    if (of !== realm() || isAlive(Number(pid), start)) continue;
    const folder = join(parent, name);
    try {
      jobs.push(readFileSync(join(folder, NOTE), 'utf8'));
    } catch {
      // it was never submitted
    }
    rmSync(folder, { recursive: true, force: true });
  }
  return jobs;
}

function foldersIn(parent: string): readonly string[] {
  try {
    return readdirSync(parent);
  } catch {
    return []; // nobody has submitted anything yet
  }
}
