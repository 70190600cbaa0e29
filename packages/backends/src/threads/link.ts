import { fileURLToPath } from 'node:url';
import { MessageChannel, type MessagePort, type Worker } from 'node:worker_threads';
import { bringToLife, type Life } from '../pool/engine.ts';
import type { LinkEvents, WorkerLink } from '../pool/link.ts';
import type { HostMessage, Packet } from '../pool/messages.ts';
import { drain, readPacket, sendPacket } from './port-channel.ts';

const SCRIPT = fileURLToPath(import.meta.resolve('@jobloom/backends/threads/entry'));

/** A worker thread. Its channel is a message port of its own; where it is shows in shared memory. */
export class ThreadLink implements WorkerLink {
  readonly name: string;
  readonly #limits: object;
  readonly #place = new Int32Array(new SharedArrayBuffer(8));
  readonly #marks: boolean;
  #port: MessagePort | undefined;
  #life: Life | undefined;

  /** @param marks the worker says how far it is, for callers that do not see this memory */
  constructor(id: number, heapMb?: number, marks = false) {
    this.#marks = marks;
    this.name = `threads-${id}`;
    this.#limits = heapMb === undefined ? {} : { resourceLimits: { maxOldGenerationSizeMb: heapMb } };
  }

  start(events: LinkEvents): void {
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    port1.on('message', (raw) => events.packet(readPacket(raw)));
    const options = {
      script: SCRIPT,
      workerType: 'thread' as const,
      workerThreadOpts: { execArgv: [], name: this.name, ...this.#limits },
    };
    this.#life = bringToLife(options, [{ port: port2, place: this.#place, marks: this.#marks }], [port2], (exit) => {
      drain(port1, events.packet); // what it said last
      port1.close();
      events.exit(exit);
    });
  }

  /** Copies: what was sent may have to be sent again, to another worker. */
  send(packet: Packet<HostMessage>): void {
    if (this.#port !== undefined) sendPacket(this.#port, packet, false);
  }

  place(): { readonly unit: number; readonly index: number } {
    return { unit: Atomics.load(this.#place, 0), index: Atomics.load(this.#place, 1) };
  }

  hold(held: boolean): void {
    const worker = this.#life?.worker as Worker | undefined;
    if (held) {
      this.#port?.ref();
      worker?.ref();
    } else {
      this.#port?.unref();
      worker?.unref();
    }
  }

  stop(): void {
    this.#life?.stop();
  }
}
