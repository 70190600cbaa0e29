import { type ChildProcess, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { type CgroupMemory, cgroupMemory } from './cgroup-memory.ts';
import { type MemoryEnd, VARIABLES } from './places.ts';

const MB = 1024 * 1024;
/** Part of the limit that the heap may take; and what the supervisor takes. */
const HEAP_SHARE = 0.75;
const SUPERVISOR_MB = 48;
const LEAST_HEAP_MB = 32;
const LOOK_MS = 1000;
/** A group at its limit that takes memory back so often a second, for so many looks, comes no further. */
const FULL = 0.97;
const PRESSED = 2000;
const STUCK_LOOKS = 3;

/** How a worker ended. */
export interface WorkerEnd {
  readonly code: number | null;
  readonly signal: string | null;
  readonly memory?: MemoryEnd;
}

/** The worker of a container, as its supervisor sees it. */
export interface WorkerProcess {
  /** Packets for it. */
  readonly input: Socket;
  /** Its packets, unless they go to `output` themselves. */
  readonly output: Socket | undefined;
  readonly ended: Promise<WorkerEnd>;
  kill(): void;
}

/**
 * Starts the process that runs tasks, and watches over its end. What tasks print goes to standard error: nothing but
 * packets comes by its channel.
 * @param output descriptor that its packets go to
 */
export function startWorkerProcess(output: number | 'pipe', onLook: () => void = () => undefined): WorkerProcess {
  const before = cgroupMemory();
  const child = spawn(process.execPath, [...heapFlags(before), script()], {
    stdio: ['ignore', 2, 2, 'pipe', output],
    env: workerEnvironment(),
  });
  preferAtOutOfMemory(child);
  let last = before;
  let looks = 0;
  let stuck = false;
  const watch = setInterval(() => {
    onLook();
    const now = cgroupMemory();
    looks = last !== undefined && now !== undefined && isPressed(last, now) ? looks + 1 : 0;
    last = now;
    if (looks < STUCK_LOOKS) return;
    stuck = true;
    child.kill('SIGKILL');
  }, LOOK_MS);
  const ended = new Promise<WorkerEnd>((resolve) => {
    const end = (code: number | null, signal: string | null): void => {
      clearInterval(watch);
      const after = cgroupMemory();
      const killed = signal === 'SIGKILL' && (after?.kills ?? 0) > (before?.kills ?? 0);
      const limit = after?.limit ?? 0;
      resolve({
        code,
        signal,
        ...((killed || stuck) && { memory: { limit, ...(stuck && { stuck: true as const }) } }),
      });
    };
    child.once('error', () => end(null, null));
    child.once(output === 'pipe' ? 'close' : 'exit', end); // all that it said was read
  });
  return {
    input: child.stdio[3] as Socket,
    output: child.stdio[4] as Socket | undefined,
    ended,
    kill: () => void child.kill('SIGKILL'),
  };
}

function script(): string {
  return fileURLToPath(import.meta.resolve('@jobloom/backends/container/worker'));
}

/** Without the variables that were for the supervisor. */
function workerEnvironment(): NodeJS.ProcessEnv {
  const env = { ...process.env };
  for (const name of Object.values(VARIABLES)) delete env[name];
  return env;
}

/** Node's own guess may be above the limit of the group. */
function heapFlags(memory: CgroupMemory | undefined): string[] {
  const asked = Number(process.env[VARIABLES.heapMb]);
  const limit = memory?.limit ?? Number.POSITIVE_INFINITY;
  const fits = Math.max(LEAST_HEAP_MB, Math.floor((limit / MB - SUPERVISOR_MB) * HEAP_SHARE));
  const heapMb = asked > 0 ? asked : fits;
  return Number.isFinite(heapMb) ? [`--max-old-space-size=${Math.ceil(heapMb)}`] : [];
}

/** Of the processes of a group that is out of memory, the kernel is to end the worker: somebody must tell of it. */
function preferAtOutOfMemory(child: ChildProcess): void {
  try {
    writeFileSync(`/proc/${child.pid}/oom_score_adj`, '1000');
  } catch {
    // no such thing on this system
  }
}

function isPressed(before: CgroupMemory, now: CgroupMemory): boolean {
  return now.used > FULL * now.limit && now.pressed - before.pressed > PRESSED;
}
