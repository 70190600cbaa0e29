import { describeFlags, parseFlags } from './flags.ts';
import { WORKER_FLAGS, type WorkerPlan, workerPlan } from './worker-flags.ts';

/** How `jobloom worker` is used. */
export const WORKER_USAGE: string = `Usage:
  jobloom worker [OPTIONS]   run tasks of callers that use the grpc backend

${describeFlags(WORKER_FLAGS)}

Each is also an environment variable: --tls-cert is JOBLOOM_TLS_CERT.
SIGTERM: running tasks finish, the others go back to their callers; a second one ends it at once.`;

/** Exit code: 0 ended as asked, 1 could not run, 2 wrong usage. */
export async function worker(argv: readonly string[]): Promise<number> {
  if (argv.includes('--help')) {
    console.log(WORKER_USAGE);
    return 0;
  }
  let plan: WorkerPlan;
  try {
    plan = workerPlan(parseFlags(WORKER_FLAGS, argv, process.env));
  } catch (error) {
    console.error(`jobloom worker: ${(error as Error).message}\n\n${WORKER_USAGE}`);
    return 2;
  }
  try {
    await serve(plan);
    return 0;
  } catch (error) {
    console.error(`jobloom worker: ${(error as Error).message}`);
    return 1;
  }
}

/** Runs until it is told to end. */
async function serve({ options, base, tokenFile }: WorkerPlan): Promise<void> {
  const { Daemon, readTokens } = await import('@jobloom/backends/grpc');
  const tokens = tokenFile === undefined ? undefined : readTokens(tokenFile);
  if (base !== undefined) process.chdir(base); // workers inherit it, and look for packages from there
  const say = (message: string): void => console.error(`jobloom worker: ${message}`);
  const daemon = new Daemon({ ...options, ...(tokens && { tokens }), warn: say });
  const address = await daemon.listen();
  console.log(`jobloom worker: listening on ${address}, ${daemon.about.jobs} ${daemon.about.kind}`);
  await new Promise<void>((resolve, reject) => {
    let ending = false;
    const end = (): void => {
      const closed = ending ? daemon.close() : daemon.drain();
      if (!ending) say('draining: running tasks finish, the others go back; once more to end at once');
      ending = true;
      closed.then(resolve, reject);
    };
    process.on('SIGTERM', end);
    process.on('SIGINT', end);
  });
}
