import { builtinAt, isLoadedBuiltin } from '../builtins.ts';
import { errorPrototype } from '../errors.ts';
import type { ModuleRef } from '../frame.ts';
import { broken } from '../frame-error.ts';
import { intrinsicAt } from '../intrinsics.ts';
import { moduleLocal, moduleValue } from '../modules.ts';
import type { NodeReader } from './node-reader.ts';

/** An object of the language. */
export function readIntrinsic(reader: NodeReader, id: number): unknown {
  const value = intrinsicAt(reader.text());
  reader.doneInner(id);
  return value;
}

/** What a module of Node's exports. An answer loads none, and calls no getter. */
export function readBuiltin(reader: NodeReader, id: number): unknown {
  const specifier = reader.text();
  const path = reader.list(() => reader.text());
  if (reader.isData && !isLoadedBuiltin(specifier)) reader.refuseCode(`the module ${specifier}`);
  const value = builtinAt({ specifier, path }, reader.isData);
  reader.doneInner(id);
  return value;
}

/** What a module exports. */
export function readReference(reader: NodeReader, id: number): unknown {
  const module = readModule(reader);
  const path = reader.list(() => reader.text());
  return outside(reader, id, moduleValue(module, path, reader.isData));
}

/** A variable of a module that it does not export. */
export function readLocal(reader: NodeReader, id: number): unknown {
  const module = readModule(reader);
  const path = reader.list(() => reader.text());
  const value = moduleLocal(module, path, reader.text());
  if (typeof value !== 'function') reader.refuseCode('a variable of a module');
  return outside(reader, id, value);
}

/** The module that a record names. */
export function readModule(reader: NodeReader): ModuleRef {
  const module = reader.frame.modules[reader.next()];
  if (module === undefined) throw broken('a module is missing');
  return module;
}

/** Answers may name functions of modules only as the classes of instances. */
function outside(reader: NodeReader, id: number, value: unknown): unknown {
  if (typeof value === 'function') reader.doneInner(id);
  else reader.done(id);
  return value;
}

/** A function, class or symbol that this end numbered, or got with its number. */
export function readHome(reader: NodeReader, id: number): unknown {
  const known = reader.host.known(reader.session(), reader.next());
  if (known === undefined) throw broken('it names something that was never sent');
  reader.done(id);
  return known;
}

/** Only the prototype of a function that was built from this frame is filled: others have theirs. */
export function readPrototype(reader: NodeReader, id: number): unknown {
  const owner = reader.readInner(reader.next()) as { prototype?: unknown };
  if (typeof owner !== 'function' || typeof owner.prototype !== 'object') throw broken('a prototype of what has none');
  if (!reader.built.has(owner)) reader.doneInner(id);
  return owner.prototype;
}

export function readErrorPrototype(reader: NodeReader, id: number): object {
  const prototype = errorPrototype(reader.text());
  reader.doneInner(id);
  return prototype;
}
