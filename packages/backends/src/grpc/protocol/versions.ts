import { FRAME_FORMAT } from '@jobloom/codec';
import { ProtocolError } from '../../errors.ts';
import { PROTOCOL } from '../../pool/messages.ts';
import type { DaemonStats } from '../observe/daemon-stats.ts';

/** The lowest and the highest version of something that an end understands. */
export type Range = readonly [lowest: number, highest: number];

/** What an end says of itself, after the handshake. Fields that the other does not know are left out of account. */
export interface About {
  /** Versions of the cluster's own messages. */
  readonly cluster: Range;
  /** Versions of the messages between a pool and its workers. */
  readonly pool: Range;
  /** Versions of the codec's frames. */
  readonly codec: Range;
  readonly node: string;
  readonly jobloom: string;
  /** `host:pid` of the process, for people. */
  readonly name: string;
  /** Of a daemon: tasks that it runs at once. */
  readonly jobs?: number;
  /** Of a daemon: what runs them. */
  readonly kind?: 'threads' | 'processes';
  readonly labels?: Readonly<Record<string, string>>;
  /** Of a daemon: what it did and does when the handshake began. */
  readonly stats?: DaemonStats;
  /** Of a daemon: probes of the blobs that it has, in hex, the one that was used last first. */
  readonly blobs?: readonly string[];
  /** Of a daemon: how many it has of each resource; they are numbered from 0 on. */
  readonly resources?: Readonly<Record<string, number>>;
  /** Of a caller: its session ends when it has been silent for so many milliseconds. */
  readonly clientLostAfterMs?: number;
  /** Of a caller: whoever works for it is lost when it has been silent for so many milliseconds. */
  readonly lostAfterMs?: number;
}

/** What this build understands. */
export const VERSIONS: Pick<About, 'cluster' | 'pool' | 'codec'> = {
  cluster: [1, 1],
  pool: [PROTOCOL, PROTOCOL],
  codec: [FRAME_FORMAT, FRAME_FORMAT],
};

/** What the other end says. @throws ProtocolError when it is no such thing, or the two do not understand each other */
export function readAbout(text: string): About {
  let about: Partial<Record<keyof About, unknown>>;
  try {
    about = JSON.parse(text) as typeof about;
  } catch (cause) {
    throw new ProtocolError('the other end does not say who it is', { cause });
  }
  for (const what of ['cluster', 'pool', 'codec'] as const) {
    const theirs = about?.[what];
    if (!isRange(theirs)) throw new ProtocolError(`the other end does not say which ${what} versions it understands`);
    const [lowest, highest] = VERSIONS[what];
    if (theirs[0] > highest || theirs[1] < lowest)
      throw new ProtocolError(
        `the other end (jobloom ${String(about.jobloom)}) understands ${what} versions ${theirs[0]} to ${theirs[1]}, this one ${lowest} to ${highest}. Install jobloom in versions that overlap.`,
      );
  }
  return about as About;
}

function isRange(value: unknown): value is Range {
  return Array.isArray(value) && value.length === 2 && value.every(Number.isInteger);
}
