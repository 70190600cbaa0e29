import { builtinPath } from './builtins.ts';
import { prototypeOwner } from './classes.ts';
import { isFailureCopy } from './failures.ts';
import type { GraphWriter } from './graph-writer.ts';
import { intrinsicPath } from './intrinsics.ts';
import { privateNamesOf, privateRefusal } from './refusal.ts';
import { privateNamesIn } from './source.ts';

/** Refuses objects of built-in kinds whose class has private members: making one anew would lose these. */
export function checkPrivate(graph: GraphWriter, value: object): void {
  if (isFailureCopy(value)) return;
  for (let at: object | null = Object.getPrototypeOf(value); at !== null; at = Object.getPrototypeOf(at)) {
    const owner = prototypeOwner(at);
    if (owner === undefined) continue;
    if (intrinsicPath(owner) !== undefined || builtinPath(owner) !== undefined) return;
    const [secret] = privateNamesOf(owner, privateNamesIn);
    if (secret !== undefined) graph.fail(privateRefusal((owner as { name: string }).name, secret));
  }
}
