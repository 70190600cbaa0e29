import type { DaemonSource } from './source.ts';

/** Daemons at addresses that are known. */
export function staticSource(addresses: readonly string[]): DaemonSource {
  return {
    watch(listener) {
      listener(addresses.map((address) => ({ address, from: 'the workers option' })));
      return () => undefined;
    },
  };
}
