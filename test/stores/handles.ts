import { fileURLToPath } from 'node:url';
import { program } from '../workspace/program.ts';

/** What a process still has after it used and closed the store at `location`: kinds of resources, by Node's names. */
export async function leftAfterClose(location: string): Promise<unknown> {
  const fixture = fileURLToPath(new URL('fixtures/handles.mjs', import.meta.url));
  return JSON.parse((await program('node', [fixture, location])).stdout);
}
