import { type Calls, Run, type Sink, TURN_MS } from './run-calls.ts';

/**
 * Calls that overlap: those of several units, started one after the other in the order in which the units came,
 * while fewer than a unit's width are under way. Synchronous ones run where they start.
 */
export class Lanes {
  readonly #line: Lane[] = [];
  #busy = 0;
  #starting = false;
  #turnStart = 0;

  /** Nothing is under way and nothing waits. */
  get idle(): boolean {
    return this.#busy === 0 && this.#line.length === 0;
  }

  /** Takes the next place in the line, before the unit's calls are known. */
  enter(width: number): Lane {
    if (this.idle) this.#turnStart = performance.now();
    const lane = new Lane(width, {
      ready: () => this.#start(),
      freed: () => {
        this.#busy -= 1;
        this.#start();
      },
      left: () => {
        this.#line.splice(this.#line.indexOf(lane), 1);
        this.#start();
      },
    });
    this.#line.push(lane);
    return lane;
  }

  #start(): void {
    if (this.#starting) return;
    this.#starting = true;
    for (let [lane] = this.#line; lane?.ready && this.#busy < lane.width; [lane] = this.#line) {
      const step = performance.now() - this.#turnStart >= TURN_MS ? 'turn' : lane.forward();
      if (step === 'turn') return this.#turn();
      if (step === 'pending') this.#busy += 1;
      else this.#line.shift();
    }
    this.#starting = false;
  }

  /** The event loop gets a turn before the next call starts. */
  #turn(): void {
    setImmediate(() => {
      this.#turnStart = performance.now();
      this.#starting = false;
      this.#start();
    });
  }
}

interface LaneEvents {
  readonly ready: () => void;
  /** A call that was under way is over. */
  readonly freed: () => void;
  readonly left: () => void;
}

/** The calls of one unit among those that overlap. */
export class Lane {
  readonly width: number;
  readonly #events: LaneEvents;
  readonly #open = new Set<number>();
  #calls: Calls | undefined;
  #sink: Sink | undefined;
  #run: Run | undefined;
  #started = false;
  #over: () => void = () => undefined;

  constructor(width: number, events: LaneEvents) {
    this.width = width;
    this.#events = events;
  }

  /** Its calls are known. */
  get ready(): boolean {
    return this.#calls !== undefined;
  }

  /** Runs the calls when their turn comes; `over` hears of the end of all before anything else starts. */
  run(calls: Calls, sink: Sink, over: () => void): void {
    this.#calls = calls;
    this.#sink = sink;
    this.#over = over;
    this.#events.ready();
  }

  /** There will be no calls. */
  leave(): void {
    this.#events.left();
  }

  /** Starts calls up to one that must be waited for, or a turn of the event loop; undefined when all have started. */
  forward(): 'turn' | 'pending' | undefined {
    this.#run ??= new Run(this.#calls as Calls, this.#sink as Sink);
    const pending = this.#run.forward();
    if (pending === 'turn') {
      this.#run.turned();
      return 'turn';
    }
    if (pending === undefined) {
      this.#started = true;
      this.#endIfOver();
      return undefined;
    }
    const index = this.#run.pass();
    this.#open.add(index);
    Promise.resolve(pending).then(
      (value) => this.#end(index, (sink) => sink.done(index, value)),
      (error: unknown) => this.#end(index, () => this.#run?.failed(index, error)),
    );
    return 'pending';
  }

  /** Whether this call is waited for. */
  isUnderWay(index: number): boolean {
    return this.#open.has(index);
  }

  /** Waits no longer for this call, which goes on by itself. */
  abandon(index: number): void {
    this.#end(index, (sink) => sink.none(index, 'cancelled'));
  }

  #end(index: number, tell: (sink: Sink) => void): void {
    if (!this.#open.delete(index)) return;
    const sink = this.#sink as Sink;
    tell(sink);
    if (!this.#endIfOver()) sink.stretch?.(); // whatever else becomes of the worker, this is known
    this.#events.freed();
  }

  #endIfOver(): boolean {
    const over = this.#started && this.#open.size === 0;
    if (over) this.#over();
    return over;
  }
}
