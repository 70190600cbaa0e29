import type { Duplex } from '../protocol/duplex.ts';
import type { Greeting } from '../protocol/greet.ts';
import { derivedKey } from '../protocol/handshake.ts';
import { type BeatCall, type BeatingSession, beatService } from './beat-service.ts';
import { PeerWatch } from './peer-watch.ts';

/** The sessions of an end that is dialled: each ends when whoever dialled has been silent too long. */
export class BeatingSessions {
  readonly #known: (peer: string) => void;
  readonly #sessions = new Map<string, BeatingSession>();
  /** Answers beats; see `beatService`. */
  readonly service: (call: BeatCall) => void = beatService((id) => this.#sessions.get(id.toString('hex')));

  /** @param known hears of each connection whose other end has proved by a beat that it has a session */
  constructor(known: (peer: string) => void = () => undefined) {
    this.#known = known;
  }

  /**
   * Watches a session until its stream ends, and ends that when there are no beats.
   * @param rule the message, for so many milliseconds of silence: `its client has been silent for 10000 ms (clientLostAfter)`
   */
  watch(duplex: Duplex, { token, transcript }: Greeting, lostAfterMs: number, rule: (ms: number) => string): void {
    const id = Buffer.from(transcript.session).toString('hex');
    const watch = new PeerWatch(lostAfterMs, (ms) => duplex.close(new Error(rule(ms))));
    this.#sessions.set(id, {
      beatKey: derivedKey('beat', token, transcript),
      heard: (peer) => {
        watch.heard();
        this.#known(peer);
      },
    });
    duplex.onEnd(() => {
      watch.stop();
      this.#sessions.delete(id);
    });
  }
}
