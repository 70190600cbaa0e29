import { Silence } from './silence.ts';

/** Looks within the time after which silence counts. */
const LOOKS = 5;

/** Tells when whoever dialled has been silent too long. It keeps no program alive. */
export class PeerWatch {
  readonly #silence: Silence;
  readonly #timer: NodeJS.Timeout;

  /** @param onLost hears once */
  constructor(lostAfterMs: number, onLost: () => void) {
    const everyMs = lostAfterMs / LOOKS;
    this.#silence = new Silence(everyMs, performance.now());
    const look = (): void => {
      if (this.#silence.look(performance.now()) < lostAfterMs) return;
      this.stop();
      onLost();
    };
    this.#timer = setInterval(() => setImmediate(look), everyMs).unref(); // what has arrived is read before silence is counted
  }

  heard(): void {
    this.#silence.heard();
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
