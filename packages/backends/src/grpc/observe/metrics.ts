import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { OptionError } from '../../errors.ts';
import { isLoopback, splitAddress } from '../security/loopback.ts';
import type { DaemonStats } from './daemon-stats.ts';

/** A page for Prometheus. */
export interface MetricsPage {
  readonly port: number;
  close(): void;
}

type Counter = 'batches' | 'tasks' | 'refused';
type Gauge = 'slots' | 'busy' | 'clients' | 'workers' | 'blobs' | 'blobBytes';

const COUNTERS: Readonly<Record<Counter, readonly [name: string, help: string]>> = {
  batches: ['jobloom_batches_total', 'Batches that were run.'],
  tasks: ['jobloom_tasks_total', 'Tasks that were handed to workers.'],
  refused: ['jobloom_refused_total', 'Connections and sessions that were refused.'],
};

const GAUGES: Readonly<Record<Gauge, readonly [name: string, help: string]>> = {
  slots: ['jobloom_slots', 'Batches that may run at once.'],
  busy: ['jobloom_slots_busy', 'Batches that run.'],
  clients: ['jobloom_clients', 'Clients that are connected.'],
  workers: ['jobloom_workers', 'Workers that are alive.'],
  blobs: ['jobloom_blobs', 'Blobs in the cache.'],
  blobBytes: ['jobloom_blob_bytes', 'Bytes of the blobs in the cache.'],
};

/**
 * Serves `http://HOST:PORT/metrics`, with what Node's process says of itself beside the daemon's own figures.
 * Without a host: on loopback. The page holds no names of clients and no code, and asks nobody who they are.
 *
 * @throws OptionError when prom-client is missing or the address cannot be used
 */
export async function serveMetrics(
  address: string,
  stats: () => DaemonStats,
  warn: (message: string) => void = () => undefined,
): Promise<MetricsPage> {
  const { host, port } = /^\d+$/.test(address)
    ? { host: '127.0.0.1', port: Number(address) }
    : splitAddress(address.startsWith(':') ? `127.0.0.1${address}` : address);
  if (port === undefined || port > 65_535)
    throw new OptionError(`The address for metrics must be HOST:PORT. Got ${JSON.stringify(address)}.`);
  if (!isLoopback(host)) warn(`metrics are on ${host}:${port}: whoever reaches it can read them`);
  const prometheus = await load();
  const registry = new prometheus.Registry();
  prometheus.collectDefaultMetrics({ register: registry });
  registry.registerMetric(infoGauge(prometheus, stats));
  for (const [field, [name, help]] of Object.entries(GAUGES) as [Gauge, readonly [string, string]][])
    registry.registerMetric(
      new prometheus.Gauge({
        name,
        help,
        registers: [],
        collect() {
          this.set(stats()[field]);
        },
      }),
    );
  for (const [field, [name, help]] of Object.entries(COUNTERS) as [Counter, readonly [string, string]][])
    registry.registerMetric(
      new prometheus.Counter({
        name,
        help,
        registers: [],
        collect() {
          this.reset();
          this.inc(stats()[field]);
        },
      }),
    );
  const server = createServer((request, response) => {
    if (request.method !== 'GET' || request.url?.split('?')[0] !== '/metrics') {
      response.writeHead(404).end('try /metrics\n');
      return;
    }
    registry.metrics().then(
      (text) => response.writeHead(200, { 'content-type': registry.contentType }).end(text),
      (error: Error) => response.writeHead(500).end(`${error.message}\n`),
    );
  });
  server.maxConnections = 32;
  server.requestTimeout = 5000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) =>
      reject(new OptionError(`Metrics cannot be served on ${host}:${port}: ${error.message}`, { cause: error })),
    );
    server.listen(port, host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

function infoGauge(prometheus: typeof import('prom-client'), stats: () => DaemonStats) {
  return new prometheus.Gauge({
    name: 'jobloom_info',
    help: 'Versions; 1.',
    labelNames: ['jobloom', 'node', 'protocol', 'kind'],
    registers: [],
    collect() {
      const { jobloom, node, protocol, kind } = stats();
      this.set({ jobloom, node, protocol, kind }, 1);
    },
  });
}

async function load(): Promise<typeof import('prom-client')> {
  try {
    const loaded = await import('prom-client');
    return loaded.default ?? loaded;
  } catch (error) {
    throw new OptionError(
      `Metrics need prom-client, which cannot be loaded (${(error as Error).message}). Install it: npm install prom-client`,
      { cause: error },
    );
  }
}
