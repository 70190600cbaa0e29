import type { PoolBackendOptions } from '../pool/backend.ts';
import type { WhereDaemonsAre } from './discovery/sources-for.ts';
import type { WorkerProvider } from './provider/provider.ts';
import type { Requires } from './scheduling/requirements.ts';
import type { TlsFiles } from './security/certificate-files.ts';

/** Options of the grpc backend. Their types need no gRPC library: programs that have none compile with them. */
export interface GrpcOptions extends PoolBackendOptions, WhereDaemonsAre {
  /** Starts workers that dial back to this process. */
  readonly provider?: WorkerProvider;
  /** `host:port` under which these reach this process, port 0 for any that is free; without it, this machine's name, or loopback where the provider starts them on this machine. */
  readonly advertise?: string;
  /** What the daemons have in their token file; the local one of this user where nothing is said. */
  readonly token?: string;
  readonly tokenFile?: string;
  readonly tls?: TlsFiles;
  /** Plain text to other machines too. */
  readonly insecure?: boolean;
  /** Milliseconds to wait for daemons; 10,000 where it is left out, or what the provider says. */
  readonly waitForWorkers?: number;
  /** Daemons that must be there; 1 where it is left out. */
  readonly minWorkers?: number;
  /** What each worker needs of its daemon: so many of a resource, or a label with this value. `{ gpu: 1, zone: 'a' }` */
  readonly requires?: Requires;
  /** Milliseconds of silence after which a daemon is lost; 2,000 where it is left out. */
  readonly lostAfter?: number;
  /** Milliseconds of silence after which daemons take this process for dead, and end its tasks; 10,000 where it is left out. */
  readonly clientLostAfter?: number;
  /** With `'ship'`, packages that `initWorker` and its like need go along to daemons that lack them. */
  readonly packages?: 'reference' | 'ship';
}
