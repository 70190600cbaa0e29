import type { Memoized, Memory } from '@jobloom/memory';
import { hash } from '@jobloom/memory';
import type { Problem, Progress } from './train.ts';

/** Where a fit leaves off and goes on. */
export interface CheckpointOptions {
  /** Epochs from one checkpoint to the next. */
  readonly every: number;
  /** Keeps them. One that stores nothing keeps none. */
  readonly memory: Memory;
}

/** The checkpoints of one fit: of the same net, data and version of this package. */
export class Checkpoints {
  private readonly every: number;
  private readonly key: string;
  private readonly kept: Memoized<[string, number, () => Progress], Progress>;

  /** @param net all that says how it learns, as data, and nothing of how long */
  constructor({ every, memory }: CheckpointOptions, net: unknown, problem: Problem) {
    this.every = every;
    this.key = hash([net, problem]);
    this.kept = memory.cache(netCheckpoint, { ignore: ['progress'] }) as typeof this.kept;
  }

  /** The latest of at most so many epochs. */
  async latest(nEpochs: number): Promise<Progress | undefined> {
    const absent = (): never => {
      throw new Error('a checkpoint was removed while it was read');
    };
    for (let epochs = nEpochs - (nEpochs % this.every); epochs > 0; epochs -= this.every) {
      if (await this.kept.checkCallInCache(this.key, epochs, absent)) return this.kept(this.key, epochs, absent);
    }
    return undefined;
  }

  /** Keeps how far a net has come, where it is time to. */
  async save(epochs: number, progress: () => Promise<Progress>): Promise<void> {
    if (epochs % this.every !== 0) return;
    const now = await progress();
    await this.kept(this.key, epochs, () => now);
  }
}

/** What a checkpoint holds, by what it is of. */
function netCheckpoint(_key: string, _epochs: number, progress: () => Progress): Progress {
  return progress();
}
