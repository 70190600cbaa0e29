import { resolve } from 'node:path';
import type { DaemonOptions } from '@jobloom/backends/grpc';
import type { Flag, FlagValues } from './flags.ts';

/** The options of `jobloom worker`. */
export const WORKER_FLAGS: readonly Flag[] = [
  { name: 'listen', value: 'HOST:PORT', says: 'where callers dial; 127.0.0.1:7077 unless given' },
  { name: 'jobs', value: 'N', says: 'tasks at once; as many as there are CPUs unless given' },
  { name: 'kind', value: 'KIND', says: 'threads or processes, which is the default' },
  { name: 'base', value: 'DIR', says: 'where packages that tasks refer to are looked for; here unless given' },
  { name: 'label', value: 'NAME=VALUE', many: true, says: 'what callers may ask for; may be given several times' },
  {
    name: 'resource',
    value: 'NAME=N',
    many: true,
    says: 'so many that callers may require, each for one worker: gpu=2',
  },
  {
    name: 'registry',
    value: 'URL',
    says: 'Redis where it announces itself; better as JOBLOOM_REGISTRY when it has a password',
  },
  { name: 'advertise', value: 'HOST:PORT', says: 'what it announces, where that is not what it listens on' },
  { name: 'max-blobs', value: 'BYTES', says: 'bytes of large arguments that are kept; 1 GiB unless given' },
  { name: 'tls-cert', value: 'FILE', says: 'certificate of this daemon, PEM' },
  { name: 'tls-key', value: 'FILE', says: 'its key' },
  { name: 'tls-ca', value: 'FILE', says: 'callers need a certificate of this CA' },
  {
    name: 'token-file',
    value: 'FILE',
    says: 'tokens that callers must have, one a line; your own on this machine unless given',
  },
  {
    name: 'max-memory',
    value: 'SIZE',
    says: 'what the daemon, its blobs and its workers may hold together, 8G for example',
  },
  { name: 'scratch', value: 'DIR', says: 'where temporary files of tasks go (TMPDIR); removed at the end' },
  { name: 'scratch-quota', value: 'SIZE', says: 'bytes that these may have; 10G unless given' },
  { name: 'pass-env', value: 'NAME', many: true, says: 'a variable of this environment that tasks may see' },
  { name: 'metrics', value: 'HOST:PORT', says: 'figures for Prometheus; a port alone is on 127.0.0.1' },
  { name: 'log', value: 'FORM', says: 'text or json' },
  { name: 'insecure', says: 'plain text to other machines too: whoever is on the way can run code here' },
];

/** What a daemon is made with, and where it runs. */
export interface WorkerPlan {
  readonly options: Omit<DaemonOptions, 'tokens'>;
  readonly base: string | undefined;
  readonly tokenFile: string | undefined;
  readonly maxMemory: string | undefined;
  readonly scratch: string | undefined;
  readonly scratchQuota: string;
  readonly passEnv: readonly string[];
  readonly metrics: string | undefined;
  readonly registry: string | undefined;
  readonly advertise: string | undefined;
  readonly log: 'text' | 'json';
}

/** @throws TypeError for a value that cannot be */
export function workerPlan(values: FlagValues): WorkerPlan {
  const last = (name: string): string | undefined => values[name]?.at(-1);
  const path = (name: string): string | undefined => {
    const given = last(name);
    return given && resolve(given); // before the base becomes the folder of this process
  };
  const jobs = last('jobs');
  const blobs = last('max-blobs');
  const [cert, key, ca] = [path('tls-cert'), path('tls-key'), path('tls-ca')];
  const labels = values.label && labelsOf(values.label);
  const resources = values.resource && resourcesOf(values.resource);
  const [listen, registry, advertise] = [last('listen') ?? '127.0.0.1:7077', last('registry'), last('advertise')];
  if (registry !== undefined && advertise === undefined && /^(0\.0\.0\.0|\[::\]):/.test(listen))
    throw new TypeError(`--registry needs --advertise HOST:PORT: nobody can dial ${listen}.`);
  const tls = (cert ?? key ?? ca) !== undefined && { ...(cert && { cert }), ...(key && { key }), ...(ca && { ca }) };
  return {
    options: {
      listen,
      ...(jobs !== undefined && { jobs: numberOf('jobs', jobs) }),
      ...(values.kind && { kind: last('kind') as 'threads' | 'processes' }),
      ...(labels && { labels }),
      ...(resources && { resources }),
      ...(blobs !== undefined && { limits: { blobBytes: numberOf('max-blobs', blobs) } }),
      ...(tls && { tls }),
      insecure: isTrue(last('insecure')),
    },
    base: path('base'),
    tokenFile: path('token-file'),
    maxMemory: last('max-memory'),
    scratch: path('scratch'),
    scratchQuota: last('scratch-quota') ?? '10G',
    passEnv: values['pass-env'] ?? [],
    registry,
    advertise,
    metrics: last('metrics'),
    log: logForm(last('log')),
  };
}

function logForm(text = 'text'): 'text' | 'json' {
  if (text !== 'text' && text !== 'json') throw new TypeError(`--log must be text or json. Got ${text}.`);
  return text;
}

function isTrue(text: string | undefined): boolean {
  return text === 'true' || text === '1';
}

function numberOf(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new TypeError(`--${name} must be a whole number above 0. Got ${text}.`);
  return value;
}

function resourcesOf(given: readonly string[]): Record<string, number> {
  return Object.fromEntries(
    Object.entries(labelsOf(given, 'resource', 'N')).map(([name, count]) => [
      name,
      numberOf(`resource ${name}`, count),
    ]),
  );
}

function labelsOf(given: readonly string[], flag = 'label', value = 'VALUE'): Record<string, string> {
  return Object.fromEntries(
    given.map((label) => {
      const at = label.indexOf('=');
      if (at < 1) throw new TypeError(`--${flag} must be NAME=${value}. Got ${label}.`);
      return [label.slice(0, at), label.slice(at + 1)];
    }),
  );
}
