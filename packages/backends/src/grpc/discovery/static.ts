import { OptionError } from '../../errors.ts';
import type { DaemonSource } from './source.ts';

/** Host and port of `host:port` or `[::1]:port`. @throws OptionError */
export function parseAddress(address: unknown): { readonly host: string; readonly port: number } {
  const [, bracketed, plain, digits] =
    (typeof address === 'string' && /^(?:\[([\da-fA-F:.]+)\]|([^:/\s[\]]+)):(\d{1,5})$/.exec(address)) || [];
  const port = Number(digits);
  const host = bracketed ?? plain;
  if (host === undefined || port < 1 || port > 65_535)
    throw new OptionError(
      `The address of a worker daemon must be host:port, [IPv6]:port or dns:name:port. Got ${JSON.stringify(address)}.`,
    );
  return { host, port };
}

/** Daemons whose addresses never change. @throws OptionError */
export function staticSource(addresses: readonly string[], from = 'the workers option'): DaemonSource {
  for (const address of addresses) parseAddress(address);
  const daemons = addresses.map((address) => ({ address, from }));
  return {
    watch(listener) {
      listener(daemons);
      return () => undefined;
    },
  };
}
