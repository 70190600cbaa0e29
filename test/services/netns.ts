import { execFileSync } from 'node:child_process';
import { missing, NOT_ALLOWED, type Service } from './service.ts';

export const netns: Service = {
  name: 'network namespaces',
  unavailable() {
    const absent = missing(['ip', 'iptables', 'setpriv'], 'iproute2 iptables');
    if (absent !== undefined) return absent;
    try {
      run('ip', 'netns', 'add', probe);
      run('ip', 'netns', 'del', probe);
      return undefined;
    } catch (error) {
      return `${NOT_ALLOWED}${(error as Error).message.split('\n')[1] ?? error}`;
    }
  },
};

const probe = `jlprobe${process.pid}`;

/** Networks that this process began: a name is never used twice, as what has it goes away in its own time. */
let begun = 0;

/** A host of its own network, on this machine. */
export interface NetworkHost {
  readonly address: string;
  /** What a command starts with to run there. */
  readonly prefix: readonly string[];
  /** Nothing that `from` sends arrives here; all others' does. */
  deafen(from: NetworkHost): void;
  /** It is off the network. */
  unplug(): void;
  heal(): void;
}

export interface HostNetwork {
  readonly hosts: readonly NetworkHost[];
  stop(): void;
}

/** So many hosts with addresses of their own, on one bridge. */
export function startHosts(count: number): HostNetwork {
  const at = process.pid * 8 + begun++;
  const id = (at % 46_656 ** 2).toString(36); // an interface's name has 15 characters at most
  const bridge = `jb${id}`;
  const subnet = `10.${64 + (at % 60)}.${(at >> 6) % 250}`;
  run('ip', 'link', 'add', bridge, 'type', 'bridge');
  run('ip', 'link', 'set', bridge, 'up');
  const hosts = Array.from({ length: count }, (_, host): NetworkHost => {
    const name = `jl${id}-${host + 1}`;
    const link = `jv${id}-${host + 1}`;
    const address = `${subnet}.${host + 1}`;
    run('ip', 'netns', 'add', name);
    run('ip', 'link', 'add', link, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name);
    run('ip', 'link', 'set', link, 'master', bridge, 'up');
    run('ip', '-n', name, 'addr', 'add', `${address}/24`, 'dev', 'eth0');
    run('ip', '-n', name, 'link', 'set', 'eth0', 'up');
    run('ip', '-n', name, 'link', 'set', 'lo', 'up');
    const prefix = ['ip', 'netns', 'exec', name];
    const inside = (...command: string[]): void => run('ip', 'netns', 'exec', name, ...command);
    return {
      address,
      prefix,
      deafen: (from) => inside('iptables', '-A', 'INPUT', '-s', from.address, '-j', 'DROP'),
      unplug: () => run('ip', 'link', 'set', link, 'down'),
      heal() {
        inside('iptables', '-F', 'INPUT');
        run('ip', 'link', 'set', link, 'up');
      },
    };
  });
  return {
    hosts,
    stop() {
      for (let host = 1; host <= count; host++) {
        run('ip', 'link', 'del', `jv${id}-${host}`);
        run('ip', 'netns', 'del', `jl${id}-${host}`);
      }
      run('ip', 'link', 'del', bridge);
    },
  };
}

function run(program: string, ...args: string[]): void {
  execFileSync(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
}
