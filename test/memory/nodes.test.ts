import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, expect, test } from 'vitest';
import { findNodes, type NodeBinary } from '../codec/matrix/nodes.ts';
import { scratchFolders } from './scratch.ts';

const run = promisify(execFile);
const scratch = scratchFolders();
let nodes: readonly NodeBinary[] = [];
beforeAll(async () => {
  nodes = await findNodes();
  for (const { major, missing } of nodes) if (missing !== undefined) console.log(`skipped: Node ${major}: ${missing}`);
});

const program = `
import { Memory, dump, load } from '${import.meta.resolve('@jobloom/memory')}';
const [folder, compress] = process.argv.slice(2);
const events = [];
await using_(new Memory({ location: folder, onEvent: ({ type }) => events.push(type) }));
async function using_(memory) {
  const list = memory.cache(function list(x) { return { text: 'abc'.repeat(2000), list: new Float64Array(1000).fill(x) }; }, {
    compress: compress === 'zstd' ? 'zstd' : compress === 'gzip' ? 'gzip' : false, name: 'list' });
  const value = await list(2);
  await memory.close();
  console.log(JSON.stringify({ sum: value.list.reduce((a, b) => a + b), length: value.text.length, events }));
}`;

async function on(node: NodeBinary, compress: string): Promise<{ sum: number; length: number; events: string[] }> {
  const file = join(scratch.folder, 'program.mjs');
  mkdirSync(scratch.folder, { recursive: true });
  writeFileSync(file, program);
  const { stdout } = await run(node.path as string, [file, join(scratch.folder, 'cache'), compress]);
  return JSON.parse(stdout);
}

test('every Node reads what every other has stored', async () => {
  const here = nodes.filter(({ path }) => path !== undefined);
  const [first] = here;
  expect((await on(first as NodeBinary, 'gzip')).events).toEqual(['computed']);
  for (const node of here) expect(await on(node, 'none')).toEqual({ sum: 2000, length: 6000, events: ['hit'] });
});

test('what a Node cannot decompress is a miss that it tells, and takes the place of', async () => {
  const fresh = nodes.find(({ major, path }) => major >= 24 && path !== undefined);
  const old = nodes.find(({ major, path }) => major === 20 && path !== undefined);
  if (fresh === undefined || old === undefined) return console.log('skipped: it takes Node 20 and Node 24 or later');
  expect((await on(fresh, 'zstd')).events).toEqual(['computed']);
  expect((await on(fresh, 'none')).events).toEqual(['hit']);
  expect(await on(old, 'none')).toEqual({ sum: 2000, length: 6000, events: ['unreadable', 'computed'] });
  expect((await on(old, 'none')).events).toEqual(['hit']);
  expect((await on(fresh, 'zstd')).events).toEqual(['hit']);
});
