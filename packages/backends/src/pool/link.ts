import type { Holding } from '../bulk/depot.ts';
import type { WorkerExit } from '../errors.ts';
import type { HostMessage, Packet, WorkerMessage } from './messages.ts';

/** What a link tells the pool. `exit` comes exactly once, after the last packet. */
export interface LinkEvents {
  packet(packet: Packet<WorkerMessage>): void;
  exit(exit: WorkerExit): void;
}

/** Another way to reach a worker. Queue, crash handling and order come from the pool. */
export interface WorkerLink {
  /** For people: `threads worker 3`. */
  readonly name: string;
  /** Starts the worker; its first packet is `ready`. */
  start(events: LinkEvents): void;
  /** Sends in order; never throws: a channel that is gone shows as `exit`. */
  send(packet: Packet<HostMessage>): void;
  /** CPUs that calls inside its tasks may use, for links that know; otherwise its share of this host's. */
  readonly slots?: number;
  /** Exact place where the worker is or was, for links that see it: task `index` of `unit`. */
  place?(): { readonly unit: number; readonly index: number } | undefined;
  /** Brings a large buffer to the worker, where the link does that itself; see `memory` of the messages. */
  carry?(scope: number, holding: Holding): void;
  /** Bytes of memory that the worker holds now and others do not, for links that can tell. */
  memory?(): number | undefined;
  /** Milliseconds until the worker has what it lacks of these, for links to where that takes long. */
  transferMs?(holdings: readonly Holding[]): number;
  /** While held, the worker keeps the program alive; at rest it does not. */
  hold(held: boolean): void;
  /** Ends the worker at once, whatever it does; `exit` follows. */
  stop(): void;
  /** After `exit`, when nothing of what the worker left is needed any more. */
  clean?(): void;
}
