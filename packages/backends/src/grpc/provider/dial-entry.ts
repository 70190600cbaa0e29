import { createInterface } from 'node:readline';
import { dial } from './dial.ts';
import type { LocalInvitation } from './local.ts';

/** A worker of the local provider: reads its invitation, works, and ends with the caller's stream or its own input. */

const lines = createInterface({ input: process.stdin });
lines.once('line', async (line) => {
  const invitation = JSON.parse(line) as LocalInvitation;
  await dial(invitation, invitation);
  process.exit(0);
});
lines.once('close', () => process.exit(0)); // the caller has ended
