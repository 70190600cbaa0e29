import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const PROGRAM = fileURLToPath(new URL('./fixtures/fuzz-decoder.mjs', import.meta.url));
const RUNS = Number(process.env.JOBLOOM_FUZZ_RUNS ?? 15_000);
const SEED = Number(process.env.JOBLOOM_SEED ?? 1);

/** Little memory for what it makes: a frame of some hundred bytes has no right to more. */
const LITTLE = ['--max-old-space-size=300'];

test(`${RUNS} damaged answers give data, or a JobloomError: no code, no change of prototypes, no crash, no end of memory`, {
  timeout: 600_000,
}, async () => {
  const child = spawn(process.execPath, [...LITTLE, PROGRAM, String(SEED), String(RUNS)]);
  let said = '';
  let progress = '';
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    progress = chunk.toString();
  });
  const [code, signal] = await new Promise<[number | null, string | null]>((resolve) =>
    child.once('close', (...end) => resolve(end)),
  );
  const where = `seeds from ${progress.trim().split('\n').at(-1)} on: ${said}`;
  expect({ code, signal, where }).toEqual({ code: 0, signal: null, where });
  const { data, refused, ran, trapped } = JSON.parse(said) as Record<string, unknown>;
  expect([(data as number) + (refused as number), ran, trapped]).toEqual([RUNS, 0, false]);
  expect(data as number).toBeGreaterThan(RUNS / 20);
});
