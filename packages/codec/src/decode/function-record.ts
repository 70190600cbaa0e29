import { type CodeHeader, headerOf } from '../codes.ts';
import { broken } from '../frame-error.ts';
import { Kind } from '../layout.ts';
import type { NodeReader } from './node-reader.ts';

/** What the record of a function says. */
export interface FunctionRecord {
  readonly hash: string;
  readonly header: CodeHeader;
  readonly session: string;
  readonly isStateful: boolean;
  readonly home: number;
  readonly slots: readonly number[];
}

/** The record of a function that is not the one being read. */
export function functionRecordAt(reader: NodeReader, id: number): FunctionRecord {
  return reader.elsewhere(id, () => {
    if (reader.next() !== Kind.function) throw broken('a group of what are no functions');
    return readFunctionRecord(reader);
  });
}

/** Reads on after the kind. */
export function readFunctionRecord(reader: NodeReader): FunctionRecord {
  const hash = reader.frame.codes[reader.next()];
  const session = reader.session();
  const isStateful = reader.next() === 1;
  const home = reader.next();
  const slots = reader.list(() => reader.next());
  if (hash === undefined) throw broken('a code is missing');
  return {
    hash,
    session,
    isStateful,
    home,
    slots,
    get header() {
      return headerOf(hash); // not needed for a function that is here already
    },
  };
}
