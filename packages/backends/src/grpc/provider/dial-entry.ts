import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { OUTLIVES_TERM } from '../../processes/outlives-term.ts';
import { dial } from './dial.ts';
import type { Orders } from './provider.ts';

// A worker of a provider: reads its orders from the file that it is given, or else as a line of its standard input,
// works, and ends with the caller's stream or that input.
const leaving = new AbortController();
process.on('SIGTERM', () => leaving.abort());
process.env[OUTLIVES_TERM] = '1'; // engines send it to all processes of a job

const [file] = process.argv.slice(2);
if (file === undefined) hear();
else await work(readFileSync(file, 'utf8'));

function hear(): void {
  const lines = createInterface({ input: process.stdin });
  lines.on('line', (line) => {
    if (line.startsWith('{')) void work(line); // what comes before it is the engine's
  });
  lines.once('close', () => process.exit(0)); // the caller has ended
}

async function work(text: string): Promise<void> {
  const orders = JSON.parse(text) as Orders;
  const reason = await dial(orders, { ...orders, signal: leaving.signal });
  if (file !== undefined) console.error(`jobloom worker: ${reason.message}`);
  process.exit(0);
}
