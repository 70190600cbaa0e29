import type { LimitName } from './decode/limits.ts';
import { JobloomError } from './errors.ts';

/** Bytes that are no frame, or a damaged one, or one of another format. */
export class FrameError extends JobloomError {
  constructor(message: string, options?: ErrorOptions) {
    super('ERR_FRAME', message, options);
  }
}

/** A frame that asks for more depth, values or memory than the limits of the session that reads it. */
export class FrameLimitError extends JobloomError {
  readonly limit: LimitName;

  constructor(limit: LimitName, message: string, options?: ErrorOptions) {
    super('ERR_FRAME_LIMIT', `${message}. Raise limits.${limit} of the session where that is meant`, options);
    this.limit = limit;
  }
}

/** An answer that holds more than data: a function, class or call that the caller did not send. */
export class FunctionResultError extends JobloomError {
  constructor(what: string) {
    super(
      'ERR_FUNCTION_RESULT',
      `${what} came in an answer; answers are data, and may hold only functions and classes that were sent. Return data, or set allowFunctionResults: true where the workers are trusted`,
    );
  }
}

/** A frame whose content contradicts itself. */
export function broken(what: string): FrameError {
  return new FrameError(`these bytes are no frame: ${what}`);
}
