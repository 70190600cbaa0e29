import type { BeatPeer } from './liveness.ts';

/** To the helper thread. */
export type BeatOrder =
  | {
      readonly type: 'watch';
      readonly id: number;
      readonly peer: BeatPeer;
      /** One number in shared memory: when the daemon was heard last. */
      readonly heard: Float64Array<SharedArrayBuffer>;
    }
  | { readonly type: 'forget'; readonly id: number };

/** From the helper thread: a daemon is lost, and is not watched any more. */
export interface BeatReport {
  readonly id: number;
  readonly why: string;
}
