import { readFileSync } from 'node:fs';

/** Memory of the control group that this process is in. */
export interface CgroupMemory {
  /** Bytes; Infinity without a limit. */
  readonly limit: number;
  readonly used: number;
  /** Processes that the kernel has ended at the limit. */
  readonly kills: number;
  /** Times that memory had to be taken back at the limit. */
  readonly pressed: number;
}

/** No real limit is so high: version 1 writes the largest number of pages where there is none. */
const NO_LIMIT = 2 ** 60;

/** Reads version 1 or 2; undefined where there is neither. Pure but for `read`. */
export function cgroupMemory(read: (path: string) => string = readText): CgroupMemory | undefined {
  const text = (path: string): string | undefined => {
    try {
      return read(path).trim();
    } catch {
      return undefined; // not of this version, or not at this level
    }
  };
  const groups = text('/proc/self/cgroup') ?? '';
  const second = ['/sys/fs/cgroup', `/sys/fs/cgroup${/^0::(.*)$/m.exec(groups)?.[1] ?? ''}`];
  for (const folder of second) {
    const events = text(`${folder}/memory.events`);
    const max = text(`${folder}/memory.max`);
    if (events === undefined || max === undefined) continue;
    return {
      limit: max === 'max' ? Number.POSITIVE_INFINITY : Number(max),
      used: Number(text(`${folder}/memory.current`) ?? 0),
      kills: field(events, 'oom_kill'),
      pressed: field(events, 'max'),
    };
  }
  const first = ['', /^\d+:(?:[^:]*,)?memory(?:,[^:]*)?:(.*)$/m.exec(groups)?.[1] ?? ''];
  for (const group of first.reverse()) {
    const folder = `/sys/fs/cgroup/memory${group}`;
    const control = text(`${folder}/memory.oom_control`);
    if (control === undefined) continue;
    const limit = Number(text(`${folder}/memory.limit_in_bytes`));
    return {
      limit: limit < NO_LIMIT ? limit : Number.POSITIVE_INFINITY,
      used: Number(text(`${folder}/memory.usage_in_bytes`) ?? 0),
      kills: field(control, 'oom_kill'),
      pressed: Number(text(`${folder}/memory.failcnt`) ?? 0),
    };
  }
  return undefined;
}

function field(text: string, name: string): number {
  return Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1] ?? 0);
}

function readText(path: string): string {
  return readFileSync(path, 'utf8');
}
