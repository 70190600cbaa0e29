import { execFileSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { cpuCount, effectiveNJobs, OptionError } from '@jobloom/backends';
import { expect, test } from 'vitest';
import { cgroupQuota } from '../../packages/backends/src/cpu.ts';

/** Reads from a made-up file system. */
const files = (content: Record<string, string>) => (path: string) => {
  const text = content[path];
  if (text === undefined) throw new Error(`ENOENT ${path}`);
  return text;
};

test.each([
  ['no cgroups', {}, Number.POSITIVE_INFINITY],
  [
    'v2 without a limit',
    { '/proc/self/cgroup': '0::/\n', '/sys/fs/cgroup/cpu.max': 'max 100000\n' },
    Number.POSITIVE_INFINITY,
  ],
  ['v2 in a container', { '/proc/self/cgroup': '0::/\n', '/sys/fs/cgroup/cpu.max': '150000 100000\n' }, 1.5],
  [
    'v2, a tighter limit further up',
    {
      '/proc/self/cgroup': '0::/user/app\n',
      '/sys/fs/cgroup/user/app/cpu.max': '400000 100000',
      '/sys/fs/cgroup/user/cpu.max': '200000 100000',
    },
    2,
  ],
  [
    'v1',
    {
      '/proc/self/cgroup': '4:cpu,cpuacct:/job\n3:memory:/job\n',
      '/sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_quota_us': '50000\n',
      '/sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_period_us': '100000\n',
    },
    0.5,
  ],
  [
    'v1 without a limit',
    {
      '/proc/self/cgroup': '4:cpu:/\n',
      '/sys/fs/cgroup/cpu/cpu.cfs_quota_us': '-1\n',
      '/sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000\n',
    },
    Number.POSITIVE_INFINITY,
  ],
])('quota: %s', (_name, content, expected) => {
  expect(cgroupQuota(files(content as Record<string, string>))).toBe(expected);
});

test('cpuCount is a whole number within what the scheduler grants', () => {
  expect(Number.isInteger(cpuCount())).toBe(true);
  expect(cpuCount()).toBeGreaterThanOrEqual(1);
  expect(cpuCount()).toBeLessThanOrEqual(availableParallelism());
});

test.runIf(process.platform === 'linux')('cpuCount respects the affinity of the process (Linux only: taskset)', () => {
  const script = "import('@jobloom/backends').then(({ cpuCount }) => console.log(cpuCount()))";
  expect(execFileSync('taskset', ['-c', '0', process.execPath, '-e', script], { encoding: 'utf8' })).toBe('1\n');
});

test.each([
  [1, 1],
  [7, 7],
  [-1, 4],
  [-2, 3],
  [-4, 1],
  [-9, 1],
])('effectiveNJobs(%i) of 4 CPUs is %i', (nJobs, expected) => {
  expect(effectiveNJobs(nJobs, 4)).toBe(expected);
});

test.each([0, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '2', null])('effectiveNJobs(%s) is refused', (nJobs) => {
  expect(() => effectiveNJobs(nJobs as number)).toThrow(OptionError);
  expect(() => effectiveNJobs(nJobs as number)).toThrow(`Got ${String(nJobs)}.`);
});
