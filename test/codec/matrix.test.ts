import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ORIGINS } from './matrix/origins.ts';
import { runOrigin } from './matrix/run-origin.ts';

// `npm run test:codec` does the same with every Node. Here it is the one that runs the tests.
const node = {
  major: Number.parseInt(process.versions.node, 10),
  path: process.execPath,
  version: process.version,
};
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(fileURLToPath(new URL('./.origins-', import.meta.url)));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.concurrent('every case of the codec, with code from', () => {
  test.each(ORIGINS)('$title', { timeout: 600_000 }, async (origin) => {
    const place = join(folder, origin.name);
    mkdirSync(place);
    const { verdicts, skipped, broken } = await runOrigin(node, origin, await origin.make(place), place);
    if (skipped !== undefined) {
      console.log(`not run: ${skipped}`);
      return;
    }
    expect({ broken, failed: verdicts.filter(({ verdict }) => verdict === 'fail') }).toEqual({ failed: [] });
    expect(verdicts.length).toBeGreaterThan(origin.apart ? 10 : 400);
  });
});
