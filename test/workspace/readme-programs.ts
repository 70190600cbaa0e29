import { readFileSync } from 'node:fs';
import { root } from './program.ts';

/** TypeScript programs of README.md, each with the heading that it is under. */
export function readmePrograms(): [title: string, code: string][] {
  const text = readFileSync(new URL('README.md', root), 'utf8');
  let title = '';
  return [...text.matchAll(/^#+ (.*)$|^```ts\n([\s\S]*?)^```$/gm)].flatMap(([, heading, code]): [string, string][] => {
    if (heading !== undefined) title = heading;
    return code === undefined ? [] : [[title, code]];
  });
}
