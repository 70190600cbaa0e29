import { rememberOrigin } from '../fingerprint/origins.ts';
import { broken, FunctionResultError } from '../frame-error.ts';
import { REDUCE, type TypeRegistration, typeNamed } from '../types.ts';
import { type NodeReader, State } from './node-reader.ts';

/** Values that a function makes again: of a registered type. */
export function readTyped(reader: NodeReader, id: number): unknown {
  const name = reader.text();
  const registration = reader.next();
  const type = typeNamed(name) ?? shipped(reader, name, registration);
  reader.state[id] = State.made;
  const made = type.decode(reader.value());
  reader.done(id);
  return made;
}

function shipped(reader: NodeReader, name: string, slot: number): TypeRegistration {
  if (reader.isData)
    throw new FunctionResultError(`a value of type ${JSON.stringify(name)}, which is not registered here,`);
  return reader.read(slot) as TypeRegistration;
}

/** With a reduce method. */
export function readReduced(reader: NodeReader, id: number): unknown {
  let first = true;
  const [make, ...args] = reader.list(() => {
    const slot = reader.next();
    const value = first ? reader.readInner(slot) : reader.read(slot); // in an answer, a class of a package's as well
    first = false;
    return value;
  });
  if (typeof make !== 'function') throw broken('no function to make a value with');
  const isReducible = typeof (make.prototype as { [REDUCE]?: unknown } | undefined)?.[REDUCE] === 'function';
  if (!isReducible) reader.refuseCode('a call');
  reader.done(id);
  return isReducible ? Reflect.construct(make, args) : make(...args);
}

export function readBound(reader: NodeReader): unknown {
  reader.refuseCode('a bound function');
  const [target, self, ...args] = reader.list(() => reader.value());
  const bound = Function.prototype.bind.call(target as never, self, ...args) as object;
  rememberOrigin(bound, { kind: 'bound', target, self, args });
  return bound;
}

export function readProxy(reader: NodeReader, id: number): unknown {
  reader.refuseCode('a Proxy');
  const target = reader.value() as object;
  reader.done(id);
  const handler = reader.value() as ProxyHandler<object>;
  const proxy = new Proxy(target, handler);
  rememberOrigin(proxy, { kind: 'proxy', target, handler });
  return proxy;
}
