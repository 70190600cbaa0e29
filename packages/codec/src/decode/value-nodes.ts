import { broken } from '../frame-error.ts';
import type { NodeReader } from './node-reader.ts';

/** Each of these takes only what it says: an object in place of a number would be converted by its own methods. */

export function readDate(reader: NodeReader): Date {
  const time = reader.plain();
  if (typeof time !== 'number') throw broken('no number where one belongs');
  return new Date(time);
}

export function readRegexp(reader: NodeReader): RegExp {
  const source = reader.text();
  const regexp = new RegExp(source, reader.text());
  regexp.lastIndex = reader.value() as number;
  return regexp;
}

export function readBoxed(reader: NodeReader): object {
  const primitive = reader.value();
  if (primitive === null || primitive === undefined || typeof primitive === 'object' || typeof primitive === 'function')
    throw broken('no primitive where one belongs');
  return Object(primitive) as object;
}

/** `[kind, type, description]`, and for a symbol of the sender's own `[…, session, number]`. */
export function readSymbol(reader: NodeReader, id: number): symbol {
  const type = reader.next();
  const description = reader.plain();
  reader.done(id);
  if (type === 2) return ownSymbol(reader, description);
  if (typeof description !== 'string') throw broken('a symbol without a name');
  if (type === 1) return Symbol.for(description);
  const known: unknown = Symbol[description as 'iterator'];
  if (typeof known !== 'symbol') throw broken(`this runtime has no Symbol.${description}`);
  return known;
}

function ownSymbol(reader: NodeReader, description: unknown): symbol {
  if (description !== undefined && typeof description !== 'string') throw broken('a symbol without a name');
  const session = reader.session();
  const number = reader.next();
  const known = reader.host.known(session, number);
  if (typeof known === 'symbol') return known;
  const made = Symbol(description);
  reader.host.learn(session, number, made);
  return made;
}
