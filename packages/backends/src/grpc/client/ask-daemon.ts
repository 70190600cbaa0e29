import { BackendUnusableError } from '../../errors.ts';
import type { About } from '../protocol/versions.ts';
import { Connection, type ReachOptions } from './connection.ts';

/** How a daemon is reached, and for how long to wait. */
export interface Ask extends ReachOptions {
  /** Milliseconds; 5,000 where it is left out. */
  readonly withinMs?: number;
}

/** What a daemon says of itself to who has its token, once. @throws BackendUnusableError with why it says nothing */
export function askDaemon(address: string, { withinMs = 5000, ...reach }: Ask): Promise<About> {
  return new Promise((resolve, reject) => {
    const fail = (cause: Error): void => {
      clearTimeout(timer);
      reject(new BackendUnusableError(`${address}: ${cause.message}`, { cause }));
    };
    const connection = new Connection(
      { address, from: 'status' },
      {
        ready() {
          clearTimeout(timer);
          resolve(connection.greeting?.about as About);
          connection.close();
        },
        capacity: () => undefined,
        sentBlob: () => undefined,
        ended: fail, // after an answer it changes nothing
      },
    );
    const timer = setTimeout(() => {
      fail(new Error(`no answer within ${withinMs} ms`));
      connection.close();
    }, withinMs);
    connection.dial(reach);
  });
}
