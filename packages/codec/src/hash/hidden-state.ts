import { types } from 'node:util';
import { builtinPath } from '../builtins.ts';
import { prototypeOwner } from '../classes.ts';
import { classRefusal, internalRefusal, privateNamesOf, type Refusal, refusalOf } from '../refusal.ts';
import { privateNamesIn } from '../source.ts';

const advice =
  'Leave it out (ignore), pass what it is made from, or register a type: registerType({ name, match, encode, decode })';

/** Why the properties of an object do not say all that it is; undefined when they do. */
export function hiddenState(object: object): Refusal | undefined {
  const plain = refusalOf(object);
  if (plain !== undefined) return { problem: hashed(plain.problem), advice };
  if (types.isModuleNamespaceObject(object)) return undefined;
  for (let at: object | null = Object.getPrototypeOf(object); at !== null; at = Object.getPrototypeOf(at)) {
    const owner = prototypeOwner(at);
    if (owner === undefined) {
      if (builtinPath(at) !== undefined) return { problem: hashed(internalRefusal(object).problem), advice };
      continue;
    }
    const refusal = classRefusal(owner, object);
    if (refusal !== undefined) return { problem: hashed(refusal.problem), advice };
    const [secret] = privateNamesOf(owner, privateNamesIn);
    if (secret !== undefined) {
      const { name } = owner as { name: string };
      return {
        problem: `an instance of ${name} has the private member ${secret}, which cannot be read from outside`,
        advice,
      };
    }
  }
  return undefined;
}

function hashed(problem: string): string {
  return problem.replace('cannot be sent', 'has no hash');
}
