import type { Redis } from 'ioredis';
import { openAnnouncement, type SigningKey } from './announcement.ts';
import { RegistryLine, registryNames, shownUrl } from './registry-line.ts';
import { Roster } from './roster.ts';
import type { DaemonSource } from './source.ts';

/** A token as far as a registry needs it. */
export interface RegistryToken extends SigningKey {
  readonly id: string;
}

export interface RegistrySourceOptions {
  /** `redis://…` or `rediss://…`. */
  readonly url: string;
  /** Tokens of the cluster, read anew each time. */
  readonly tokens: () => readonly RegistryToken[];
  /** Milliseconds between two looks; 1,000 where it is left out. */
  readonly everyMs?: number;
}

/**
 * Daemons that announce themselves in Redis. The registry is not trusted: what is not signed with a token of the
 * cluster, or old, does not count and is told as a problem. While it cannot be reached, the daemons of the last look
 * stay until their time is over.
 */
export function registrySource({ url, tokens, everyMs = 1_000 }: RegistrySourceOptions): DaemonSource {
  const from = `registry ${shownUrl(url)}`;
  return {
    watch(listener) {
      const line = new RegistryLine(url);
      const roster = new Roster();
      let watched = true;
      let timer: NodeJS.Timeout | undefined;
      let told: string | undefined;
      const look = async (): Promise<void> => {
        const problems: Error[] = [];
        for (const token of tokens()) {
          try {
            const entries = await line.run((client) => readEntries(client, token.id));
            const refused = entries.flatMap((entry) => judge(entry, token, roster));
            if (refused.length > 0) problems.push(new Error(`${from}: ${refused.join('; ')}`));
          } catch (error) {
            problems.push(error as Error);
            break;
          }
        }
        if (!watched) return line.close();
        const daemons = roster.present(performance.now()).map(({ address, labels, serverName }) => ({
          address,
          from,
          ...(labels && { labels }),
          ...(serverName !== undefined && { serverName }),
        }));
        const message = problems.map((problem) => problem.message).join('; ');
        const news = JSON.stringify([daemons, message]);
        if (news !== told) listener(daemons, problems.length > 1 ? new AggregateError(problems, message) : problems[0]);
        told = news;
        timer = setTimeout(look, everyMs).unref();
      };
      void look();
      return () => {
        watched = false;
        clearTimeout(timer);
        line.close();
      };
    },
  };
}

/** Whoever can write to the registry can write more than there are daemons. */
const MOST_ENTRIES = 10_000;

type Entry = readonly [address: string, text: string];

async function readEntries(client: Redis, id: string): Promise<Entry[]> {
  const names = registryNames(id);
  const addresses = (await client.smembers(names.index)).slice(0, MOST_ENTRIES);
  if (addresses.length === 0) return [];
  const texts = await client.mget(addresses.map(names.entry));
  const gone = addresses.filter((_, at) => texts[at] === null);
  if (gone.length > 0) await client.srem(names.index, gone);
  return addresses.flatMap((address, at): Entry[] => {
    const text = texts[at];
    return text == null ? [] : [[address, text]];
  });
}

/** Shows the entry to the roster; gives why it does not count, if so. */
function judge([address, text]: Entry, token: SigningKey, roster: Roster): string[] {
  const opened = openAnnouncement(text, token);
  let refused: string | undefined;
  if ('refused' in opened) refused = opened.refused;
  else if (opened.address !== address) refused = `it is the announcement of ${opened.address}`;
  else refused = roster.see(opened, performance.now(), Date.now());
  return refused === undefined ? [] : [`the entry of ${JSON.stringify(address.slice(0, 100))} is ignored: ${refused}`];
}
