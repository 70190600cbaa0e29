import { PREAMBLE, REPORT, type Report, VARIABLES } from './places.ts';
import { startWorkerProcess } from './worker-process.ts';

// The first process of a container: it starts the worker, tells why that ended, and ends with the caller.
if (process.env[VARIABLES.job] !== undefined) {
  const { runJob } = await import('./run-job.ts');
  await runJob(process.env[VARIABLES.job] as string);
} else {
  serveStreams();
}

/** Packets come by standard input; the worker answers by standard output itself. */
function serveStreams(): void {
  const worker = startWorkerProcess(1, () => tell({ type: 'alive' }));
  let callerIsGone = false;
  const leave = (): void => {
    callerIsGone = true;
    worker.kill();
  };
  const { stdin } = process;
  stdin.once('end', leave);
  stdin.once('error', leave);
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.once(signal, () => worker.kill()); // the first process hears no signal that it does not listen to
  passOn();
  worker.input.on('error', () => undefined);
  void worker.ended.then((end) => {
    if (callerIsGone) process.exit(0);
    tell({ type: 'exit', ...end }, () => process.exit(0));
  });

  function passOn(): void {
    let before = Buffer.alloc(0);
    const find = (chunk: Buffer): void => {
      before = Buffer.concat([before, chunk]);
      const at = before.indexOf(PREAMBLE);
      if (at < 0) return;
      stdin.off('data', find);
      stdin.on('data', pass);
      if (before.length > at + PREAMBLE.length) pass(before.subarray(at + PREAMBLE.length));
    };
    const pass = (chunk: Buffer): void => {
      if (worker.input.write(chunk)) return;
      stdin.pause();
      worker.input.once('drain', () => stdin.resume());
    };
    stdin.on('data', find);
  }
}

function tell(report: Report, then?: () => void): void {
  process.stderr.write(`${REPORT}${JSON.stringify(report)}\n`, then);
}
