import { expect, test } from 'vitest';
import { cgroupMemory } from '../../packages/backends/src/container/cgroup-memory.ts';

const files = (content: Record<string, string>) => (path: string) => {
  const text = content[path];
  if (text === undefined) throw new Error(`ENOENT ${path}`);
  return text;
};
const V1 = '/sys/fs/cgroup/memory';

test.each([
  ['no cgroups', {}, undefined],
  [
    'v2, in a namespace of its own',
    {
      '/proc/self/cgroup': '0::/\n',
      '/sys/fs/cgroup/memory.max': '1000\n',
      '/sys/fs/cgroup/memory.current': '900\n',
      '/sys/fs/cgroup/memory.events': 'low 0\nhigh 0\nmax 12\noom 1\noom_kill 2\noom_group_kill 0\n',
    },
    { limit: 1000, used: 900, kills: 2, pressed: 12 },
  ],
  [
    'v2 without a limit, further down',
    {
      '/proc/self/cgroup': '0::/a/b\n',
      '/sys/fs/cgroup/a/b/memory.max': 'max\n',
      '/sys/fs/cgroup/a/b/memory.current': '5\n',
      '/sys/fs/cgroup/a/b/memory.events': 'max 0\noom_kill 0\n',
    },
    { limit: Number.POSITIVE_INFINITY, used: 5, kills: 0, pressed: 0 },
  ],
  [
    'v1, mounted as the root',
    {
      '/proc/self/cgroup': '4:cpu,cpuacct:/x\n3:memory:/docker/abc\n',
      [`${V1}/memory.limit_in_bytes`]: '1000\n',
      [`${V1}/memory.usage_in_bytes`]: '900\n',
      [`${V1}/memory.oom_control`]: 'oom_kill_disable 0\nunder_oom 0\noom_kill 3\n',
      [`${V1}/memory.failcnt`]: '77\n',
    },
    { limit: 1000, used: 900, kills: 3, pressed: 77 },
  ],
  [
    'v1 without a limit',
    {
      '/proc/self/cgroup': '3:memory:/\n',
      [`${V1}/memory.limit_in_bytes`]: '9223372036854771712\n',
      [`${V1}/memory.usage_in_bytes`]: '900\n',
      [`${V1}/memory.oom_control`]: 'oom_kill_disable 0\nunder_oom 0\noom_kill 0\n',
    },
    { limit: Number.POSITIVE_INFINITY, used: 900, kills: 0, pressed: 0 },
  ],
])('%s', (_name, content, expected) => {
  expect(cgroupMemory(files(content as Record<string, string>))).toEqual(expected);
});
