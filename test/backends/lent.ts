import type { Backend } from '@jobloom/backends';

/** A backend that outlives its users: what is costly to start need not start anew for each test. */
export function lent(backend: Backend): Backend {
  const keep = async (): Promise<void> => undefined;
  return {
    name: backend.name,
    capabilities: backend.capabilities,
    effectiveNJobs: (nJobs) => backend.effectiveNJobs(nJobs),
    submit: (batch, options) => backend.submit(batch, options),
    close: keep,
    [Symbol.asyncDispose]: keep,
  };
}
