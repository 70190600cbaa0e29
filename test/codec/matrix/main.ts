import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { findNodes } from './nodes.ts';
import { ORIGINS } from './origins.ts';
import { type Cell, runOrigin } from './run-origin.ts';
import { printTable } from './table.ts';

const USAGE = 'npm run test:codec -- [--node 20,24] [--origin tsx,cjs] [--case part-of-a-name] [--jobs 2]';

/** Runs the cases from every origin on every Node, and prints the table. Gives the exit code. */
async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      node: { type: 'string' },
      origin: { type: 'string' },
      case: { type: 'string' },
      jobs: { type: 'string', default: '2' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  const nodes = await findNodes(values.node?.split(',').map(Number));
  const origins = values.origin?.split(',');
  const unknown = origins?.find((each) => !ORIGINS.some(({ name }) => name === each));
  if (unknown !== undefined)
    throw new Error(`there is no origin ${unknown}. There are: ${ORIGINS.map(({ name }) => name).join(', ')}`);
  const folder = mkdtempSync(fileURLToPath(new URL('../.origins-', import.meta.url)));
  try {
    const jobs: (() => Promise<Cell>)[] = [];
    for (const origin of ORIGINS.filter(({ name }) => origins?.includes(name) ?? true)) {
      const place = join(folder, origin.name);
      mkdirSync(place);
      let made: Promise<readonly string[]> | undefined;
      for (const node of nodes) {
        jobs.push(async () => {
          made ??= Promise.resolve(origin.make(place));
          return runOrigin(node, origin, await made, place, values.case);
        });
      }
    }
    const cells = await runAll(jobs, Number(values.jobs));
    return printTable(nodes, cells, process.env.JOBLOOM_NODES_REQUIRED === '1');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs jobs, so many at a time; results in their order. */
async function runAll(jobs: readonly (() => Promise<Cell>)[], atOnce: number): Promise<readonly Cell[]> {
  const results: Cell[] = [];
  let next = 0;
  const runner = async (): Promise<void> => {
    for (let at = next++; at < jobs.length; at = next++) {
      const cell = await (jobs[at] as () => Promise<Cell>)();
      results[at] = cell;
      const { node, origin, seconds, broken } = cell;
      process.stderr.write(
        `node ${node.major} ${origin.name}: ${broken === undefined ? '' : 'BROKEN, '}${seconds.toFixed(1)} s\n`,
      );
    }
  };
  await Promise.all(Array.from({ length: atOnce }, runner));
  return results;
}

process.exitCode = await main();
