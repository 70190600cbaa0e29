import { Silence } from './silence.ts';

/** Looks within the time after which silence counts. */
const LOOKS = 5;

/** At the daemon: ends a session whose client has been silent too long. */
export class ClientWatch {
  readonly #silence: Silence;
  readonly #timer: NodeJS.Timeout;

  /** @param onLost hears once */
  constructor(lostAfterMs: number, onLost: (why: string) => void) {
    const everyMs = lostAfterMs / LOOKS;
    this.#silence = new Silence(everyMs, performance.now());
    const look = (): void => {
      if (this.#silence.look(performance.now()) < lostAfterMs) return;
      this.stop();
      onLost(`its client has been silent for ${lostAfterMs} ms (clientLostAfter)`);
    };
    this.#timer = setInterval(() => setImmediate(look), everyMs).unref(); // what has arrived is read before silence is counted
  }

  /** A beat or any message came. */
  heard(): void {
    this.#silence.heard();
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
