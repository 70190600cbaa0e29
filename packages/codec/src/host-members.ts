import { hasInspector, inspector } from './inspector.ts';
import { type IntrinsicPath, isNative } from './intrinsics.ts';
import { scriptOf } from './scripts.ts';

let members: Map<unknown, readonly [path: IntrinsicPath, key: string]> | undefined;
const checked = new WeakMap<object, boolean>();

/** Path to a function that `process`, `console`, `Buffer` or `URL` holds: `console.log`, `process.cwd`; undefined for any other. */
export function hostMemberPath(value: object): IntrinsicPath | undefined {
  if (typeof value !== 'function') return undefined;
  members ??= collect();
  const [path, key = ''] = members.get(value) ?? [];
  if (path === undefined) return undefined;
  let isOfNode = checked.get(value);
  if (isOfNode === undefined) {
    isOfNode = isFromNode(value, key);
    checked.set(value, isOfNode);
  }
  return isOfNode ? path : undefined;
}

/** Programs may have put functions of their own in the place of Node's: these are no other's. */
function isFromNode(fn: object, key: string): boolean {
  if (isNative(fn)) return (fn as { name?: unknown }).name === key; // a bound function of the user's is named so
  if (!hasInspector()) return false;
  const { location } = inspector().internals(fn);
  return location !== undefined && scriptOf(location.scriptId).url.startsWith('node:');
}

/** Globals that are loaded in every process. */
const HOLDERS: ReadonlyMap<string, object> = new Map<string, object>([
  ['process', process],
  ['console', console],
  ['Buffer', Buffer],
  ['URL', URL],
]);

function collect(): Map<unknown, readonly [IntrinsicPath, string]> {
  const found = new Map<unknown, readonly [IntrinsicPath, string]>();
  for (const [name, holder] of HOLDERS) {
    for (const [key, { value }] of Object.entries(Object.getOwnPropertyDescriptors(holder))) {
      if (typeof value === 'function' && !found.has(value)) found.set(value, [`${name}/${key}`, key]);
    }
  }
  return found;
}
