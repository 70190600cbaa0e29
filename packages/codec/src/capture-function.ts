import { types } from 'node:util';
import { capture, captureDeclared } from './capture.ts';
import type { CapturedFunction } from './encoder.ts';
import { environmentOf } from './environment.ts';
import { UnserializableError } from './errors.ts';
import { hasInspector, inspector } from './inspector.ts';
import { isByReference } from './packages.ts';
import { exportOf } from './references.ts';
import { scriptOf } from './scripts.ts';

/**
 * How a function travels: as code, as a reference, or bound to what it is made of.
 * @param mayCapture its code may travel: in answers it may not
 * @throws UnserializableError for functions that do not travel
 */
export function captureFunction(fn: object, mayCapture: boolean, trail: () => readonly string[]): CapturedFunction {
  if (types.isProxy(fn)) {
    if (!mayCapture) refuse(fn, trail);
    const { target, handler } = inspector().proxy(fn);
    return { kind: 'bound', target, self: handler, args: [] };
  }
  const name = (fn as { name?: unknown }).name || 'anonymous';
  if (!mayCapture && !hasInspector()) refuse(fn, trail);
  const environment = environmentOf(fn);
  if (environment !== undefined || !hasInspector())
    return { kind: 'code', captured: captureDeclared(fn, environment, trail) };
  const internals = inspector().internals(fn);
  if (internals.bound !== undefined && !mayCapture) refuse(fn, trail);
  if (internals.bound !== undefined) return { kind: 'bound', ...internals.bound };
  const { location } = internals;
  if (location === undefined) {
    throw new UnserializableError(
      trail(),
      `${String(name)} is a native function that no global or module leads to`,
      'Call it from a function of your own',
    );
  }
  const script = scriptOf(location.scriptId);
  if (script.url.startsWith('node:')) {
    throw new UnserializableError(
      trail(),
      `${String(name)} is a function internal to Node (${script.url})`,
      'Make it in the task, from what the module exports',
    );
  }
  const reference = isByReference(script.url) ? exportOf(fn, internals, script) : undefined;
  if (reference !== undefined) return { kind: 'reference', reference };
  if (!mayCapture) refuse(fn, trail);
  return { kind: 'code', captured: capture(fn, internals, trail) };
}

function refuse(fn: object, trail: () => readonly string[]): never {
  const kind = types.isProxy(fn) ? 'a Proxy' : isClass(fn) ? 'class' : 'function';
  const what = kind === 'a Proxy' ? kind : `${kind} ${(fn as { name?: string }).name || 'anonymous'}`;
  throw new UnserializableError(
    trail(),
    `${what} was made in the task; only functions and classes that the caller sent can come back`,
    'Return data, or set allowFunctionResults: true where the workers are trusted',
  );
}

function isClass(fn: object): boolean {
  return /^class\b/.test(Function.prototype.toString.call(fn));
}
