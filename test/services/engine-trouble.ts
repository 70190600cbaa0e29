import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NOT_ALLOWED } from './service.ts';

const folder = fileURLToPath(new URL('../../node_modules/.cache/jobloom-engines', import.meta.url));
const script = fileURLToPath(new URL('./try-engine.ts', import.meta.url));
/** An engine that does not start is waited for. */
const TRY_MS = 60_000;

/**
 * Why this machine does not let an engine run, or undefined: there are no control groups, say, or no namespaces. It is
 * started to find out, once in a run of the tests.
 */
export function engineTrouble(engine: 'docker' | 'podman' | 'slurm'): string | undefined {
  const file = join(folder, `${process.ppid}-${engine}`); // files of tests have processes of one parent
  if (!existsSync(file)) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, tryEngine(engine));
  }
  return readFileSync(file, 'utf8') || undefined;
}

function tryEngine(engine: string): string {
  const { status: bare, stderr: complaint } = spawnSync('unshare', ['--mount', '--pid', '--net', '--fork', 'true'], {
    encoding: 'utf8',
  });
  if (bare !== 0) return `${NOT_ALLOWED}${complaint.trim() || 'namespaces of its own'}`;
  const { status, stderr } = spawnSync(process.execPath, ['--import', 'tsx', script, engine], {
    timeout: TRY_MS,
    encoding: 'utf8',
  });
  if (status === 0) return '';
  const lines = stderr.split('\n').filter((line) => line.trim() !== '');
  const telling = lines.findLast((line) => /error|fail|denied|permitted/i.test(line)) ?? lines.at(-1);
  return `${NOT_ALLOWED}${telling ?? `${engine} did not start within ${TRY_MS} ms`}`;
}
