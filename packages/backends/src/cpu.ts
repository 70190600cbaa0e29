import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { OptionError } from './errors.ts';

/**
 * CPUs that this process may really use: the scheduler's affinity and the CPU quota of
 * its control group (v1 and v2, every level up), rounded up, at least 1. Follows loky's `cpu_count`.
 */
export function cpuCount(): number {
  const quota = cgroupQuota((path) => readFileSync(path, 'utf8'));
  return Math.max(1, Math.min(availableParallelism(), Math.ceil(quota)));
}

/**
 * How many jobs `nJobs` asks for: a positive number stands for itself, -1 for all `cpus`, -2 for all but one, at least 1.
 * @throws OptionError for 0 and anything that is not an integer
 */
export function effectiveNJobs(nJobs: number, cpus?: number): number {
  if (!Number.isInteger(nJobs) || nJobs === 0) {
    throw new OptionError(
      `nJobs must be a whole number other than 0: 2 for two jobs, -1 for all CPUs, -2 for all but one. Got ${String(nJobs)}.`,
    );
  }
  return nJobs > 0 ? nJobs : Math.max(1, (cpus ?? cpuCount()) + 1 + nJobs);
}

/** CPUs granted by the control groups that this process is in; Infinity without a limit. Pure but for `read`. */
export function cgroupQuota(read: (path: string) => string): number {
  const text = (path: string): string | undefined => {
    try {
      return read(path);
    } catch {
      return undefined; // no such file: this host, or this level, has no such limit
    }
  };
  let quota = Number.POSITIVE_INFINITY;
  for (const line of (text('/proc/self/cgroup') ?? '').split('\n')) {
    const [, controllers, group] = line.match(/^\d+:([^:]*):(.*)$/) ?? [];
    if (controllers === undefined || group === undefined) continue;
    if (controllers === '') {
      for (const path of levels(group)) quota = Math.min(quota, v2(text(`/sys/fs/cgroup${path}/cpu.max`)));
    } else if (controllers.split(',').includes('cpu')) {
      for (const path of levels(group)) {
        for (const mount of ['cpu', 'cpu,cpuacct']) {
          const base = `/sys/fs/cgroup/${mount}${path}`;
          quota = Math.min(quota, v1(text(`${base}/cpu.cfs_quota_us`), text(`${base}/cpu.cfs_period_us`)));
        }
      }
    }
  }
  return quota;
}

/** `/a/b` gives `/a/b`, `/a` and ``: a limit at any level holds. In a container the own group is often the root. */
function levels(group: string): string[] {
  const parts = group.split('/').filter((part) => part !== '' && part !== '..');
  return parts.map((_, at) => `/${parts.slice(0, at + 1).join('/')}`).concat('');
}

function v2(text: string | undefined): number {
  const [quota, period] = (text ?? 'max').trim().split(/\s+/);
  return quota === 'max' ? Number.POSITIVE_INFINITY : ratio(Number(quota), Number(period ?? 100_000));
}

function v1(quota: string | undefined, period: string | undefined): number {
  return quota === undefined || period === undefined ? Number.POSITIVE_INFINITY : ratio(Number(quota), Number(period));
}

function ratio(quota: number, period: number): number {
  return quota > 0 && period > 0 ? quota / period : Number.POSITIVE_INFINITY;
}
