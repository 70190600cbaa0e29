#!/usr/bin/env node
import { readFile, rename, writeFile } from 'node:fs/promises';
import { runEncoded } from '@jobloom/backends';

const USAGE = `Usage:
  jobloom run IN OUT   run the encoded batch in file IN, write the answer to file OUT
  jobloom worker ...   run tasks of callers elsewhere: jobloom worker --help
  jobloom dial [FILE]  work for the caller that FILE, or standard input, says: what providers start
  jobloom status ...   what daemons do: jobloom status --help
  jobloom certs ...    make certificates and tokens for a cluster: jobloom certs --help
  jobloom --version

IN comes from batch.encode(), OUT is for batch.decode(). IN holds code: run it only when you trust where it comes from.`;

/** Exit code: 0 done (failed tasks included: the answer says so), 1 could not run, 2 wrong usage. */
async function main(argv: readonly string[]): Promise<number> {
  const [command, input, output, ...more] = argv;
  if (command === '--version') {
    const manifest = JSON.parse(
      await readFile(new URL(import.meta.resolve('@jobloom/parallel/package.json')), 'utf8'),
    ) as {
      version: string;
    };
    console.log(manifest.version);
    return 0;
  }
  if (command === '--help' || command === '-h') {
    console.log(USAGE);
    return 0;
  }
  if (command === 'worker') return (await import('./worker.ts')).worker(argv.slice(1));
  if (command === 'dial') {
    const { workAsOrdered } = await import('@jobloom/backends/grpc');
    await workAsOrdered(input);
    return 0;
  }
  if (command === 'status') return (await import('./status.ts')).status(argv.slice(1));
  if (command === 'certs') return (await import('./certs.ts')).certs(argv.slice(1));
  if (command !== 'run' || input === undefined || output === undefined || more.length > 0) {
    console.error(USAGE);
    return 2;
  }
  try {
    const answer = await runEncoded(await readFile(input));
    const partial = `${output}.${process.pid}.partial`; // whoever sees OUT sees all of it
    await writeFile(partial, answer);
    await rename(partial, output);
    return 0;
  } catch (error) {
    console.error(`jobloom run: ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  }
}

process.exitCode = await main(process.argv.slice(2));
