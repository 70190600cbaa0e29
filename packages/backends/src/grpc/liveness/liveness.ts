import { Worker } from 'node:worker_threads';
import type { TlsFiles } from '../security/tls.ts';
import type { BeatOrder, BeatReport } from './messages.ts';

/** A daemon that is to be watched. */
export interface BeatPeer {
  /** `host:port`. */
  readonly address: string;
  /** As the session has it; left out: plain text. */
  readonly tls?: TlsFiles | undefined;
  /** 16 bytes that name the session at the daemon. */
  readonly sessionId: Uint8Array;
  /** The session's key for beats. */
  readonly key: Uint8Array;
  /** Milliseconds of silence after which it is lost. */
  readonly lostAfterMs: number;
  /** Milliseconds between two beats; a fifth of that where it is left out. */
  readonly everyMs?: number;
}

export interface WatchedPeer {
  /** When the daemon was heard last, in milliseconds of the helper thread's own clock; 0 before the first time. */
  lastHeard(): number;
  /** Whether the helper thread is there. */
  readonly helperAlive: boolean;
  remove(): void;
}

/**
 * Watches daemons from a helper thread, so that a caller that is busy neither seems dead nor takes others for dead.
 * The thread starts with the first daemon, ends with the last, and keeps no program alive.
 */
export class Liveness {
  readonly #peers = new Map<number, (why: string) => void>();
  #thread: Worker | undefined;
  #next = 0;

  /** @param onLost hears once why the daemon counts as lost */
  add({ sessionId, key, ...peer }: BeatPeer, onLost: (why: string) => void): WatchedPeer {
    const thread = this.#enter();
    const id = this.#next;
    this.#next += 1;
    const heard = new Float64Array(new SharedArrayBuffer(8));
    this.#peers.set(id, onLost);
    const peerData = { ...peer, sessionId: Uint8Array.from(sessionId), key: Uint8Array.from(key) };
    thread.postMessage({ type: 'watch', id, peer: peerData, heard } satisfies BeatOrder);
    return {
      lastHeard: () => heard[0] as number,
      helperAlive: true,
      remove: () => {
        if (!this.#peers.delete(id)) return;
        thread.postMessage({ type: 'forget', id } satisfies BeatOrder);
        this.#leave(thread);
      },
    };
  }

  #enter(): Worker {
    if (this.#thread !== undefined) return this.#thread;
    const entry = new URL(import.meta.resolve('@jobloom/backends/grpc/beats'));
    const thread = new Worker(entry, { execArgv: [], name: 'jobloom beats' });
    thread.on('message', ({ id, why }: BeatReport) => this.#lose(id, why));
    thread.on('error', (error: Error) => {
      if (this.#thread === thread) this.#thread = undefined;
      for (const id of [...this.#peers.keys()]) this.#lose(id, `the helper thread for beats ended: ${error.message}`);
    });
    thread.unref();
    this.#thread = thread;
    return thread;
  }

  #lose(id: number, why: string): void {
    const onLost = this.#peers.get(id);
    this.#peers.delete(id);
    onLost?.(why);
    if (this.#thread !== undefined) this.#leave(this.#thread);
  }

  #leave(thread: Worker): void {
    if (this.#peers.size > 0 || this.#thread !== thread) return;
    this.#thread = undefined;
    void thread.terminate();
  }
}
