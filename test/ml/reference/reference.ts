import { readFileSync } from 'node:fs';

/** What a script of this folder wrote: figures of numpy or scikit-learn. */
export function reference<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`${name}.json`, import.meta.url), 'utf8')) as T;
}
