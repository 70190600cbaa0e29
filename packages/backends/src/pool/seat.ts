import type { CallScope } from '../call-scope.ts';
import type { WorkerLink } from './link.ts';
import { bare } from './messages.ts';
import { type Known, nothingKnown } from './ship.ts';
import { Watch, type Watched } from './watch.ts';

/** How far a worker is with a unit: tasks before `done` have outcomes, tasks from `started` on have not started. */
export interface Progress {
  done: number;
  started: number;
  /** Its tasks overlap with those of the worker's other units, and may come to their end in any order. */
  readonly beside?: boolean;
}

/** How far a worker had come: with its first unit, and, where units overlap, with each. */
export interface LastPlace {
  readonly done: number;
  readonly started: number;
  readonly beside?: ReadonlyMap<number, { readonly done: number; readonly started: number }>;
}

/** A worker, seen from the pool. */
export class Seat {
  readonly link: WorkerLink;
  /** What it was sent. */
  readonly known: Known;
  /** Its units, in the order in which it runs them. */
  readonly progress: Map<number, Progress> = new Map();
  idle?: NodeJS.Timeout;
  /** Its number among the workers that live with it, from 0 on. */
  readonly slot: number;
  /** Tasks that it has come to the end of. */
  served = 0;
  /** Waits for the task that may be over its time. */
  readonly watch: Watch;
  /** It has said that it is there. */
  welcomed = false;
  /** Its worker has ended: its slot is free. */
  gone = false;
  /** Why it could not prepare itself. */
  failure: unknown;
  #doomed: readonly Watched[] = [];
  /** Packages that its answers need are being loaded: what follows waits. */
  loading: Promise<void> | undefined;
  readonly #scopes = new Set<CallScope>();
  #held = true;

  /**
   * @param carries see `nothingKnown`
   * @param deaf the worker cannot ask
   */
  constructor(link: WorkerLink, slot: number, carries = false, deaf = false) {
    this.link = link;
    this.known = nothingKnown(carries, !deaf, link.carry && ((scope, holding) => link.carry?.(scope, holding)));
    this.slot = slot;
    this.watch = new Watch(
      (watched) => this.#isOn(watched),
      (watched) => {
        this.#doomed = watched;
        link.stop();
      },
    );
  }

  /** When the call ends, the worker forgets what it was sent for it. */
  introduce(scope: CallScope): void {
    if (this.#scopes.has(scope)) return;
    this.#scopes.add(scope);
    scope.onEnd((functions) => {
      this.#scopes.delete(scope);
      const { memories } = this.known;
      for (const fn of functions) this.known.functions.delete(fn);
      for (const key of memories ?? []) if (key.startsWith(`${scope.id} `)) memories?.delete(key);
      this.link.send(bare({ type: 'end', scope: scope.id }));
    });
  }

  hold(held: boolean): void {
    if (this.#held === held) return;
    this.#held = held;
    this.link.hold(held);
  }

  /** Acts after what waits for packages already. */
  later(act: () => Promise<void>): void {
    const loading = (this.loading ?? Promise.resolve()).then(act);
    this.loading = loading;
    void loading.then(() => {
      if (this.loading === loading) this.loading = undefined;
    });
  }

  /** The worker says how far it is; unit 0 is none: it has started nothing that it still holds. */
  mark(unit: number, upTo: number): void {
    if (unit === 0) for (const progress of this.progress.values()) progress.started = progress.done;
    const progress = this.progress.get(unit);
    if (progress !== undefined) progress.started = upTo;
  }

  /** The worker has come to the end of a unit. Where units overlap, tasks start in the order of these: all of those before it have. */
  finished(unit: number): void {
    if (this.progress.get(unit)?.beside) {
      for (const [id, progress] of this.progress) {
        if (id === unit) break;
        progress.started = Number.POSITIVE_INFINITY;
      }
    }
    this.progress.delete(unit);
    this.watch.ended(unit);
  }

  /** Why the worker was ended for this task, if it was. */
  doom(unit: number, position: number): Watched['why'] | undefined {
    return this.#doomed.find((each) => each.unit === unit && each.position === position)?.why;
  }

  /** The worker is on this task, as far as can be seen. */
  #isOn({ unit, position }: Watched): boolean {
    const progress = this.progress.get(unit);
    const place = this.link.place?.();
    if (progress === undefined || progress.done > position) return false;
    if (progress.beside) return this.#reach(unit, progress) > position;
    return place === undefined ? progress.started > position : place.unit === unit && place.index === position;
  }

  /** Where the worker was when it ended: on its first unit, or on none; or on several that overlap. */
  lastPlace(): LastPlace {
    const [first] = this.progress;
    if (first === undefined) return { done: 0, started: 0 };
    const [unit, { done, started, beside }] = first;
    if (beside) {
      const places = [...this.progress].map(
        ([id, progress]) => [id, { done: progress.done, started: this.#reach(id, progress) }] as const,
      );
      return { ...(places[0] as (typeof places)[0])[1], beside: new Map(places) };
    }
    const place = this.link.place?.();
    if (place === undefined) return { done, started };
    return { done, started: place.unit === unit ? place.index + 1 : 0 };
  }

  /** Of a unit that overlaps with others, tasks from this position on have not started. */
  #reach(unit: number, { started }: Progress): number {
    const place = this.link.place?.();
    if (place === undefined || !this.progress.has(place.unit)) return started;
    if (place.unit === unit) return Math.max(started, place.index + 1);
    for (const id of this.progress.keys()) {
      if (id === unit) return Number.POSITIVE_INFINITY;
      if (id === place.unit) break;
    }
    return started;
  }
}
