import { lookup } from 'node:dns/promises';
import { isIPv6 } from 'node:net';
import type { DaemonAddress, DaemonSource } from './source.ts';
import { parseAddress } from './static.ts';

export interface DnsSourceOptions {
  /** Milliseconds between two questions; 5,000 where it is left out. */
  readonly everyMs?: number;
  /** Gives all addresses of a name; the system's resolver where it is left out. */
  readonly resolve?: (name: string) => Promise<readonly string[]>;
}

/**
 * One daemon at each address that a name has, asked for again and again. While the name cannot be resolved, the
 * addresses of the last time stay. Certificates must bear the name.
 * @param nameAndPort `workers.example:7077`
 * @throws OptionError
 */
export function dnsSource(nameAndPort: string, options: DnsSourceOptions = {}): DaemonSource {
  const { host: name, port } = parseAddress(nameAndPort);
  const { everyMs = 5_000, resolve = systemLookup } = options;
  const from = `dns:${nameAndPort}`;
  return {
    watch(listener) {
      let watched = true;
      let timer: NodeJS.Timeout | undefined;
      let last: readonly DaemonAddress[] = [];
      let told: string | undefined;
      const ask = async (): Promise<void> => {
        let problem: Error | undefined;
        let daemons = last;
        try {
          const found = [...new Set(await resolve(name))].sort();
          daemons = found.map((ip) => ({
            address: isIPv6(ip) ? `[${ip}]:${port}` : `${ip}:${port}`,
            serverName: name,
            from,
          }));
          if (daemons.length === 0) throw new Error('it has no addresses');
        } catch (error) {
          problem = new Error(`${from} cannot be resolved: ${(error as Error).message}`, { cause: error });
        }
        if (!watched) return;
        const news = JSON.stringify([daemons, problem?.message]);
        last = daemons;
        if (news !== told) listener(daemons, problem);
        told = news;
        timer = setTimeout(ask, everyMs).unref();
      };
      void ask();
      return () => {
        watched = false;
        clearTimeout(timer);
      };
    },
  };
}

async function systemLookup(name: string): Promise<readonly string[]> {
  return (await lookup(name, { all: true })).map(({ address }) => address);
}
