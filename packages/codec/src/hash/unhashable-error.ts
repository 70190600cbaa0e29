import { JobloomError } from '../errors.ts';

/** A value that has no hash which would be the same the next time. The path leads to it. */
export class UnhashableError extends JobloomError {
  /** The way from the hashed value: `args[0].model.stream`. */
  readonly path: string;

  constructor(path: string, problem: string, advice: string, options?: ErrorOptions) {
    super('ERR_UNHASHABLE', `${path}: ${problem}. ${advice}`, options);
    this.path = path;
  }
}
