import { readFileSync } from 'node:fs';

/** Bytes of memory that a process has for itself, without files and memory that others have too; undefined where the system does not tell. */
export function ownPages(pid: number | 'self' | undefined): number | undefined {
  if (pid === undefined) return undefined;
  try {
    const [, kilobytes] = /^RssAnon:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1')) ?? [];
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
  } catch {
    return undefined; // it has ended, or there is no such file here
  }
}
