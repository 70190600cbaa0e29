import { OptionError } from '../../errors.ts';
import { dnsSource } from './dns.ts';
import { mergedSource } from './merged.ts';
import { type RegistryToken, registrySource } from './registry.ts';
import type { DaemonSource } from './source.ts';
import { staticSource } from './static.ts';

export interface WhereDaemonsAre {
  /** `host:port`, or `dns:name:port` for a daemon at each address that the name has. */
  readonly workers?: readonly string[] | undefined;
  /** `redis://…`, where daemons announce themselves. */
  readonly registry?: string | undefined;
  /** Another way to find them. */
  readonly source?: DaemonSource | undefined;
}

/** All ways that are named, as one. @throws OptionError */
export function sourcesFor(
  { workers = [], registry, source }: WhereDaemonsAre,
  tokens: () => readonly RegistryToken[],
): DaemonSource {
  if (!Array.isArray(workers))
    throw new OptionError(
      `The workers option of grpc must be a list of addresses, ['host:port', 'dns:name:port']. Got ${String(workers)}.`,
    );
  const isName = (address: unknown): boolean => typeof address === 'string' && address.startsWith('dns:');
  const listed = workers.filter((address) => !isName(address));
  const names = workers.filter(isName);
  if (registry !== undefined && !/^rediss?:\/\//.test(registry))
    throw new OptionError(`The registry option of grpc must be a redis:// or rediss:// address. Got ${registry}.`);
  return mergedSource([
    ...(listed.length > 0 ? [staticSource(listed)] : []),
    ...names.map((name: string) => dnsSource(name.slice('dns:'.length))),
    ...(registry === undefined ? [] : [registrySource({ url: registry, tokens })]),
    ...(source === undefined ? [] : [source]),
  ]);
}
