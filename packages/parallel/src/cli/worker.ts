import type { Announcer, Daemon, Log, Tokens } from '@jobloom/backends/grpc';
import { describeFlags, parseFlags } from './flags.ts';
import { WORKER_FLAGS, type WorkerPlan, workerPlan } from './worker-flags.ts';

/** How `jobloom worker` is used. */
export const WORKER_USAGE: string = `Usage:
  jobloom worker [OPTIONS]   run tasks of callers that use the grpc backend

${describeFlags(WORKER_FLAGS)}

Each is also an environment variable: --tls-cert is JOBLOOM_TLS_CERT.
SIGTERM: running tasks finish, the others go back to their callers; a second one ends it at once. SIGHUP: reads tokens and certificates again.`;

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
async function serve(plan: WorkerPlan): Promise<void> {
  const grpc = await import('@jobloom/backends/grpc');
  const { options, base, tokenFile, metrics } = plan;
  const log = grpc.makeLog(plan.log);
  const warn = (message: string): void => log('warn', 'warning', message);
  const tokens = tokenFile === undefined ? grpc.ensureLocalToken() : grpc.readTokens(tokenFile);
  const memoryBytes = plan.maxMemory && grpc.parseBytes(plan.maxMemory, '--max-memory');
  const quota = grpc.parseBytes(plan.scratchQuota, '--scratch-quota');
  if (base !== undefined) process.chdir(base); // workers inherit it, and look for packages from there
  const limits = { ...options.limits, ...(memoryBytes && { memoryBytes }) };
  const daemon = new grpc.Daemon({ ...options, limits, tokens, warn, log });
  grpc.scrubEnvironment(process.env, plan.passEnv);
  const onFull = (bytes: number): void => {
    log('error', 'scratch.full', 'temporary files are over their quota: all workers are ended', { bytes, quota });
    daemon.stopWorkers();
  };
  const scratch = plan.scratch === undefined ? undefined : grpc.makeScratch(plan.scratch, { quota, onFull });
  if (scratch !== undefined) process.env.TMPDIR = scratch.folder;
  try {
    const page = metrics === undefined ? undefined : await grpc.serveMetrics(metrics, () => daemon.stats, warn);
    const address = await daemon.listen();
    const { jobs, kind, jobloom } = daemon.about;
    console.log(`jobloom worker: listening on ${address}, ${jobs} ${kind}`);
    log('info', 'up', `listening on ${address}`, { jobs, kind, jobloom, metrics: page?.port });
    process.on('SIGHUP', () => reload(daemon, log));
    const announcer = announce(grpc, plan, tokens, daemon, log);
    await ended(daemon, warn, () => void announcer?.leave());
    page?.close();
  } finally {
    scratch?.close();
  }
}

/** Tells clients by a registry where this daemon is, if that is asked for. */
function announce(
  { Announcer }: typeof import('@jobloom/backends/grpc'),
  { registry: url, advertise }: WorkerPlan,
  tokens: Tokens,
  daemon: Daemon,
  log: Log,
): Announcer | undefined {
  if (url === undefined) return undefined;
  const { jobs = 1, labels } = daemon.about;
  const address = advertise ?? daemon.address;
  return new Announcer({
    url,
    tokens: () => tokens.all(),
    daemon: () => ({ address, slots: jobs, ...(labels && { labels }) }),
    onProblem: (problem) => {
      if (problem === undefined) log('info', 'announced', `announced as ${address}`);
      else log('warn', 'registry', problem.message);
    },
  });
}

function reload(daemon: Daemon, log: Log): void {
  try {
    daemon.reload();
    log('info', 'reloaded', 'tokens and certificates were read again');
  } catch (error) {
    log('error', 'reload.failed', `what was in use stays in use: ${(error as Error).message}`);
  }
}

/** Resolves when the daemon has ended because it was told to. */
function ended(daemon: Daemon, warn: (message: string) => void, leave: () => void): Promise<void> {
  return new Promise<void>((resolve, reject) => {
    let ending = false;
    const end = (): void => {
      leave();
      const closed = ending ? daemon.close() : daemon.drain();
      if (!ending) warn('draining: running tasks finish, the others go back; once more to end at once');
      ending = true;
      closed.then(resolve, reject);
    };
    process.on('SIGTERM', end);
    process.on('SIGINT', end);
  });
}
