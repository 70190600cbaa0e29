import type { BytesWriter } from './bytes-writer.ts';
import type { Digester } from './digest.ts';
import type { Step } from './step.ts';

/** The way through a value, as the forms of what holds others need it. */
export interface Walk {
  readonly out: BytesWriter;
  readonly digester: Digester;
  /** The order of Maps and Sets counts. */
  readonly ordered: boolean;
  /** Steps to what is written now. */
  readonly path: Step[];
  /** Writes what a value holds, in turn. @throws UnhashableError */
  value(value: unknown): void;
  array(array: readonly unknown[]): void;
  /** Own properties, in the order of their keys. */
  properties(object: object, except?: ReadonlySet<string>): void;
  /** @throws UnhashableError that names the way here */
  refuse(problem: string, advice: string): never;
}
