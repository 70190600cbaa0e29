import { types } from 'node:util';
import { builtinPath } from './builtins.ts';
import type { GraphWriter } from './graph-writer.ts';
import { hasInspector, inspector } from './inspector.ts';
import { classRefusal, internalRefusal, privateNamesOf, privateRefusal } from './refusal.ts';
import { scriptOf } from './scripts.ts';
import { privateNamesIn } from './source.ts';

const text = Function.prototype.toString;

/** The text of a function. */
export function textOf(fn: object): string {
  return text.call(fn);
}

export function isClassText(fn: object): boolean {
  return /^class\b/.test(text.call(fn));
}

/** The function whose `prototype` this object is. */
export function prototypeOwner(value: object): object | undefined {
  const owner: unknown = Object.getOwnPropertyDescriptor(value, 'constructor')?.value;
  if (typeof owner !== 'function') return undefined;
  return Object.getOwnPropertyDescriptor(owner, 'prototype')?.value === value ? owner : undefined;
}

/** Keys of methods and accessors that the class's own text defines: they are made with it again. */
export function membersInText(value: object, fn: object): Set<string | symbol> {
  const source = textOf(fn);
  const keys = Reflect.ownKeys(value).filter((key) => {
    const property = Object.getOwnPropertyDescriptor(value, key);
    const member: unknown = property?.value ?? property?.get ?? property?.set;
    if (typeof member !== 'function' || property?.enumerable !== false || types.isProxy(member)) return false;
    return source.includes(text.call(member));
  });
  return new Set(keys);
}

const internal = new WeakMap<object, boolean>();

/** Whether a class is from code of Node's that no module exports. */
function isInternal(owner: object): boolean {
  let answer = internal.get(owner);
  if (answer === undefined) {
    const mayBe = builtinPath(owner) === undefined && hasInspector() && !types.isProxy(owner);
    const script = mayBe ? inspector().scriptIdOf(owner) : undefined;
    answer = script !== undefined && scriptOf(script).url.startsWith('node:');
    internal.set(owner, answer);
  }
  return answer;
}

/**
 * Refuses instances of classes that keep state out of sight, at any level of the chain.
 * @param mayAsk look for where classes are from; workers need not, for they only send what they got
 */
export function checkClasses(graph: GraphWriter, value: object, mayAsk: boolean): void {
  let hasInternal = false;
  for (let at = above(value); at !== null && at !== Object.prototype; at = above(at)) {
    const owner = prototypeOwner(at);
    if (owner === undefined) continue;
    const refusal = classRefusal(owner, value);
    if (refusal !== undefined) graph.fail(refusal);
    hasInternal ||= mayAsk && isInternal(owner);
    const [secret] = privateNamesOf(owner, privateNamesIn);
    if (secret !== undefined) graph.fail(privateRefusal((owner as { name: string }).name, secret));
  }
  if (hasInternal) graph.fail(internalRefusal(value)); // what a module of Node's exports above it says more
}

function above(value: object): object | null {
  return Object.getPrototypeOf(value) as object | null;
}
