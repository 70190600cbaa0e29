import { types } from 'node:util';
import type { Walk } from './walk.ts';

/** Writes what a Map or a Set holds, in an order that only its bytes decide, unless that of the value is to count. */
export function writeMembers(walk: Walk, holder: ReadonlyMap<unknown, unknown> | ReadonlySet<unknown>): void {
  const { out, path } = walk;
  const isMap = types.isMap(holder);
  const forms: Buffer[] = [];
  const members = isMap ? Map.prototype.entries.call(holder) : Set.prototype.entries.call(holder);
  for (const [key, value] of members) {
    const start = out.length;
    path.push({ text: `.${isMap ? 'get' : 'has'}(${brief(key)})` });
    walk.value(key);
    if (isMap) walk.value(value);
    path.pop();
    forms.push(out.take(start));
  }
  if (!walk.ordered) forms.sort(Buffer.compare);
  out.word(forms.length);
  for (const form of forms) out.append(form);
}

function brief(value: unknown): string {
  return typeof value === 'object' || typeof value === 'function' ? '…' : String(value).slice(0, 40);
}
