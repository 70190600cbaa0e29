import { JobloomError } from '../errors.ts';
import type { Frame } from '../frame.ts';
import { FrameError, FrameLimitError } from '../frame-error.ts';
import { readFlags, readHead } from '../head.ts';
import { restInspector } from '../inspector.ts';
import { Flag, type Table } from '../layout.ts';
import { decodeTable } from './decode-table.ts';
import { guardHead } from './guard-head.ts';
import type { DecodeLimits } from './limits.ts';
import type { DecoderHost } from './node-reader.ts';
import { inOwnRealm } from './own-realm.ts';

/**
 * The value of a frame. Of an answer nothing is thrown but a JobloomError, whatever its bytes; code that a caller's
 * frame runs, of a class or a reduce method say, throws what it throws.
 */
export function decodeFrame(frame: Frame, host: DecoderHost): unknown {
  try {
    const flags = readFlags(frame.head);
    if (!host.mayRebuild()) {
      checkSize(frame, host.limits());
      guardHead(frame.head, flags, host.limits());
    }
    const value = inOwnRealm(readHead(frame, flags, (flags & Flag.stateful) !== 0));
    return (flags & Flag.graph) === 0 ? value : graphOf(value, frame, host);
  } catch (error) {
    if (error instanceof JobloomError || host.mayRebuild()) throw error;
    if (error instanceof RangeError && error.message === STACK)
      throw new FrameLimitError('depth', 'an answer nested deeper than the stack', { cause: error });
    const reason = error instanceof Error ? error.message : String(error);
    throw new FrameError(`this answer cannot be read: ${reason}`, { cause: error });
  }
}

/** V8's message when the stack is at its end. */
const STACK = 'Maximum call stack size exceeded';

function graphOf(table: unknown, frame: Frame, host: DecoderHost): unknown {
  try {
    return decodeTable(table as Table, frame, host);
  } finally {
    restInspector();
  }
}

function checkSize({ head, buffers }: Frame, { bytes }: Required<DecodeLimits>): void {
  let size = head.byteLength;
  for (const buffer of buffers) size += buffer.byteLength;
  if (size > bytes) throw new FrameLimitError('bytes', `an answer of ${size} bytes, more than ${bytes}`);
}
