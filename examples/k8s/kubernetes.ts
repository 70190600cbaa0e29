import { readFileSync } from 'node:fs';
import { command, type WorkerCount, type WorkerProvider } from '@jobloom/backends/grpc';

const manifest = readFileSync(new URL('worker.yaml', import.meta.url), 'utf8');
const LOOK = 'jsonpath={.kind} {.status.active}/{.status.ready} {.status.conditions[*].type}';

/** Workers that are Jobs of the cluster and namespace that kubectl uses, each made of worker.yaml. */
export function kubernetes(count: WorkerCount & { readonly pollMs?: number } = {}): WorkerProvider {
  return command({
    ...count,
    name: 'kubernetes',
    start: ['kubectl', 'apply', '--filename=-'],
    input: manifest,
    stop: ['kubectl', 'delete', 'job,secret', '{worker}', '--ignore-not-found', '--cascade=foreground', '--wait'],
    status: ['kubectl', 'get', 'job', '{worker}', '--ignore-not-found', '--output', LOOK],
    states: { starting: /^Job 1?\/0? *$/, running: /^Job 1\/1/ },
    logs: ['kubectl', 'logs', 'job/{worker}', '--tail=3'],
  });
}
