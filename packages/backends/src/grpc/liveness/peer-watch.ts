import { Silence } from './silence.ts';

/** Looks within the time after which silence counts. */
const LOOKS = 5;
/** So many times that time may pass until the first beat: the helper thread and its connection take a while to start, the more on a busy machine. */
const FIRST = 5;

/** Tells when whoever dialled has been silent too long. It keeps no program alive. */
export class PeerWatch {
  readonly #silence: Silence;
  readonly #timer: NodeJS.Timeout;
  #heard = false;

  /** @param onLost hears once, for how many milliseconds there was silence */
  constructor(lostAfterMs: number, onLost: (silentMs: number) => void) {
    const everyMs = lostAfterMs / LOOKS;
    this.#silence = new Silence(everyMs, performance.now());
    const look = (): void => {
      const patienceMs = this.#heard ? lostAfterMs : lostAfterMs * FIRST;
      if (this.#silence.look(performance.now()) < patienceMs) return;
      this.stop();
      onLost(patienceMs);
    };
    this.#timer = setInterval(() => setImmediate(look), everyMs).unref(); // what has arrived is read before silence is counted
  }

  heard(): void {
    this.#heard = true;
    this.#silence.heard();
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
