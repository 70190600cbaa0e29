import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { startDaemon } from './daemons.ts';
import { folder } from './folder.ts';

const fixture = (name: string) => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));
const JOBLOOM = fileURLToPath(new URL('../../packages/parallel/bin/jobloom.js', import.meta.url));

interface Span {
  readonly pid: number;
  readonly name: string;
  readonly attributes: Record<string, unknown>;
  readonly status: { readonly code: number; readonly message?: string };
  readonly traceId: string;
  readonly spanId: string;
  readonly parent?: string;
}

/** A program that runs three tasks on a daemon in batches of two; both record spans, or the daemon alone. */
async function runTraced(callerRecords: boolean) {
  const SPANS = join(folder(), 'spans');
  const preload = ['--import', fixture('record-spans.mjs')];
  // what is preloaded must be there in the workers too: they inherit NODE_OPTIONS where that is passed
  const env = { SPANS, NODE_OPTIONS: preload.join(' ') };
  const args = ['--jobs', '1', '--pass-env', 'NODE_OPTIONS', '--pass-env', 'SPANS'];
  const daemon = await startDaemon({ program: [process.execPath, JOBLOOM], args, env });
  onTestFinished(async () => void (await daemon.kill()));
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [...(callerRecords ? preload : []), fixture('traced-client.mjs'), daemon.address],
    { env: { ...process.env, SPANS } },
  );
  daemon.child.kill('SIGTERM');
  await daemon.gone;
  let spans: Span[] = [];
  try {
    spans = readFileSync(SPANS, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Span);
  } catch {} // nobody has written one
  return { said: JSON.parse(stdout) as string[], spans, daemonPid: daemon.child.pid };
}

test('one trace goes from the caller to the daemon and into the task', async () => {
  const { said, spans, daemonPid } = await runTraced(true);
  const [program] = spans.filter(({ name }) => name === 'program') as [Span];
  const sent = spans.filter(({ name }) => name === 'jobloom batch');
  const ran = spans.filter(({ name }) => name === 'jobloom batch run');
  expect([sent.length, ran.length]).toEqual([2, 2]);
  expect(new Set(spans.map(({ traceId }) => traceId))).toEqual(new Set([program.traceId]));
  for (const span of sent) expect(span).toMatchObject({ parent: program.spanId, pid: program.pid });
  for (const span of ran) expect(span.pid).toBe(daemonPid);
  expect(ran.map(({ parent }) => parent).sort()).toEqual(sent.map(({ spanId }) => spanId).sort());
  const of = (span: Span) => ran.find(({ parent }) => parent === span.spanId) as Span;
  const [first, second] = sent.sort(
    (a, b) => Number(a.attributes['jobloom.first']) - Number(b.attributes['jobloom.first']),
  ) as [Span, Span];
  expect(first.attributes).toEqual({ 'jobloom.tasks': 2, 'jobloom.first': 0, 'jobloom.attempt': 1 });
  expect(of(first)).toMatchObject({ attributes: { 'jobloom.tasks': 2, 'jobloom.first': 0 }, status: { code: 0 } });
  expect(said).toEqual([of(first).spanId, of(first).spanId, expect.stringContaining('no two')]);
  expect(second.status).toMatchObject({ code: 2, message: expect.stringContaining('no two') });
  expect(of(second).status).toEqual({ code: 2, message: '1 tasks failed' });
}, 30_000);

test('where the caller records no spans, the daemon makes none', async () => {
  const { said, spans } = await runTraced(false);
  expect(said).toEqual(['nothing', 'nothing', expect.stringContaining('no two')]);
  expect(spans).toEqual([]);
}, 30_000);
