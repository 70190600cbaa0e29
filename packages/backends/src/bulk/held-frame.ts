import type { Frame } from '@jobloom/codec';
import type { Holding } from './depot.ts';

/** A buffer of a frame that does not travel with it: its bytes are in a segment. */
export interface Held {
  /** Its place in the frame's `buffers`, where there is nothing. */
  readonly at: number;
  readonly holding: Holding;
  /** It was moved: the task that gets it is the only one that has it. */
  readonly own?: true;
}

/** A frame of which some buffers are elsewhere, and some can be sent once only. */
export interface HeldFrame extends Frame {
  readonly held?: readonly Held[];
  /** Places in `buffers` whose memory is handed over instead of copied, where a channel can. */
  readonly moved?: readonly number[];
}

/** Puts something in the place of each borrowed buffer: memory that the frame owns, or a holding. */
export function settleFrame(
  frame: Frame,
  settle: (bytes: Uint8Array<ArrayBuffer>, at: number) => Uint8Array<ArrayBuffer> | Holding,
  isMoved: (bytes: Uint8Array<ArrayBuffer>) => boolean,
): HeldFrame {
  const { borrowed, ...rest } = frame;
  if (borrowed === undefined) return frame;
  const buffers = [...frame.buffers];
  const held: Held[] = [];
  const moved: number[] = [];
  for (const { at } of borrowed) {
    const bytes = buffers[at] as Uint8Array<ArrayBuffer>;
    const goes = isMoved(bytes);
    const settled = settle(bytes, at);
    if (settled instanceof Uint8Array) {
      buffers[at] = settled;
      if (goes) moved.push(at);
    } else {
      buffers[at] = NOTHING;
      held.push({ at, holding: settled, ...(goes && { own: true }) });
    }
  }
  return { ...rest, buffers, ...(held.length > 0 && { held }), ...(moved.length > 0 && { moved }) };
}

const NOTHING = new Uint8Array(0);
