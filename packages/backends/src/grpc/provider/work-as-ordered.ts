import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { OUTLIVES_TERM } from '../../processes/outlives-term.ts';
import { dial } from './dial.ts';
import type { Orders } from './provider.ts';

/**
 * What a worker of a provider does: reads its orders from a file, or else as a line of JSON of standard input, dials its
 * caller and works for it. This process ends with the caller's stream, or with standard input where the orders came by
 * it. At SIGTERM running tasks come to their end, and the others go back.
 */
export async function workAsOrdered(file?: string): Promise<void> {
  const leaving = new AbortController();
  process.on('SIGTERM', () => leaving.abort());
  process.env[OUTLIVES_TERM] = '1'; // engines send it to all processes of a job
  const work = async (text: string): Promise<void> => {
    const orders = JSON.parse(text) as Orders;
    const reason = await dial(orders, { ...orders, signal: leaving.signal });
    if (file !== undefined) console.error(`jobloom worker: ${reason.message}`);
    process.exit(0);
  };
  if (file !== undefined) return work(readFileSync(file, 'utf8'));
  const lines = createInterface({ input: process.stdin });
  lines.on('line', (line) => {
    if (line.startsWith('{') && line.includes('"token":')) void work(line); // engines write lines of their own before it
  });
  lines.once('close', () => process.exit(0)); // the caller has ended
}
