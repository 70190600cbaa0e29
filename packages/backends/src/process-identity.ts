import { createHash } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';

/** The process is there, and is the one that started then, not another with its number. */
export function isAlive(pid: number, start: string): boolean {
  const now = startOf(pid);
  if (now !== undefined) return start === '0' || now === start;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** When a process started, in the kernel's ticks; undefined where that cannot be known. */
export function startOf(pid: number): string | undefined {
  const stat = text(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19]; // the name before it may hold anything
}

let known: string | undefined;

/** Where process ids mean the same: one boot of one system, and in it one namespace. */
export function realm(): string {
  if (known === undefined) {
    const boot = text(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8'));
    const namespace = text(() => readlinkSync('/proc/self/ns/pid'));
    known = createHash('sha256').update(`${boot} ${namespace}`).digest('hex').slice(0, 10);
  }
  return known;
}

function text(read: () => string): string | undefined {
  try {
    return read();
  } catch {
    return undefined; // no such thing on this system
  }
}
