import { readFileSync } from 'node:fs';

/** The system's, on all that we know of; Node does not tell it. */
const PAGE_BYTES = 4096;

/** Bytes of memory that a process has for itself, without files and memory that others have too; undefined where the system does not tell. */
export function ownPages(pid: number | 'self' | undefined): number | undefined {
  if (pid === undefined) return undefined;
  try {
    const [, resident, shared] = readFileSync(`/proc/${pid}/statm`, 'latin1').split(' ').map(Number);
    return ((resident as number) - (shared as number)) * PAGE_BYTES;
  } catch {
    return undefined; // it has ended, or there is no such file here
  }
}
