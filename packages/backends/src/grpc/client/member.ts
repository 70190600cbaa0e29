import type { DaemonAddress } from '../discovery/source.ts';
import { Backoff } from './backoff.ts';
import type { Connection } from './connection.ts';

/** A daemon that somebody names, and what is known of it. */
export interface Member {
  readonly daemon: DaemonAddress;
  /** By a provider: it dials, and has a name in the place of an address. */
  readonly launched: boolean;
  connection: Connection | undefined;
  /** It has proved who it is. */
  ready: boolean;
  /** Why it is not, or was not. */
  fault: string | undefined;
  readonly backoff: Backoff;
  timer: NodeJS.Timeout | undefined;
}

/** One that has not been asked yet. */
export function newMember(daemon: DaemonAddress, launched: boolean): Member {
  return {
    daemon,
    launched,
    connection: undefined,
    ready: false,
    fault: undefined,
    backoff: new Backoff(),
    timer: undefined,
  };
}

/** How it stands with it, for messages. */
export function standing({ daemon: { address, from }, ready, connection, fault }: Member): {
  readonly address: string;
  readonly from: string;
  readonly fault: string | undefined;
} {
  return { address, from, fault: ready ? connection?.lacks : (fault ?? 'has not answered yet') };
}
