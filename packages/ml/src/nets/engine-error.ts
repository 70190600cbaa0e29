import { JobloomError } from '@jobloom/parallel';

/** The engine of a net failed: it could not start, an operation is missing, or its memory is full. `cause` says more. */
export class EngineError extends JobloomError {
  readonly engine: string;
  /** Epochs that it had finished in this fit. */
  readonly epochs: number;

  constructor(engine: string, epochs: number, cause: unknown) {
    const reason = reasonOf(cause);
    const isMemory = /\boom\b|out of memory|memory access|allocat|Array buffer|resource.?exhausted/i.test(reason);
    const advice = isMemory
      ? 'It ran out of memory: a smaller batchSize or fewer hiddenUnits need less.'
      : "Another one may do: engine: 'native' needs nothing installed, and tfStatus() says what there is.";
    super('ERR_ENGINE', `the engine '${engine}' failed after ${epochs} epochs: ${reason}. ${advice}`, { cause });
    this.engine = engine;
    this.epochs = epochs;
  }
}

/** The first line of a message, without its full stop. */
export function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return (message.split('\n')[0] as string).trim().replace(/\.$/, '');
}
