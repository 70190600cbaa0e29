import type * as Grpc from '@grpc/grpc-js';

/** Answers of `grpc.health.v1`. */
export type Serving = 'SERVING' | 'NOT_SERVING' | 'SERVICE_UNKNOWN';

/** What is asked: a service by its full name, or `''`. */
export interface HealthRequest {
  readonly service: string;
}

const NUMBERS = { SERVING: 1, NOT_SERVING: 2, SERVICE_UNKNOWN: 3 } as const;

/** The service that load balancers and probes ask for: liveness is `''`, readiness the name of the cluster's service. */
const READINESS = 'jobloom.cluster.v1.Cluster';

const MOST_WATCHERS = 64;
const LONGEST_NAME = 256;

/**
 * The standard health service. Liveness is SERVING as long as the daemon answers;
 * readiness is NOT_SERVING while it starts and while it drains. It is open to everybody: it says one word and takes one name.
 */
export class Health {
  #ready: Serving = 'NOT_SERVING';
  readonly #watchers = new Set<() => void>();

  /** Tells everybody who watches. */
  setReady(ready: boolean): void {
    this.#ready = ready ? 'SERVING' : 'NOT_SERVING';
    for (const tell of this.#watchers) tell();
  }

  of(service: string): Serving {
    if (service === '') return 'SERVING';
    return service === READINESS ? this.#ready : 'SERVICE_UNKNOWN';
  }

  /** Adds the service to a server. */
  addTo(grpc: typeof Grpc, server: Grpc.Server): void {
    const handlers: Grpc.UntypedServiceImplementation = {
      check: ((call, done) => {
        const status = this.of(call.request.service);
        if (status === 'SERVICE_UNKNOWN')
          done({ code: grpc.status.NOT_FOUND, details: `no service ${call.request.service}` });
        else done(null, status);
      }) satisfies Grpc.handleUnaryCall<HealthRequest, Serving>,
      watch: ((call) => this.#watch(grpc, call)) satisfies Grpc.handleServerStreamingCall<HealthRequest, Serving>,
    };
    server.addService(HEALTH_SERVICE, handlers);
  }

  #watch(grpc: typeof Grpc, call: Grpc.ServerWritableStream<HealthRequest, Serving>): void {
    if (this.#watchers.size >= MOST_WATCHERS) {
      call.emit('error', { code: grpc.status.RESOURCE_EXHAUSTED, details: 'too many watch this daemon' });
      return;
    }
    let last: Serving | undefined;
    const tell = () => {
      const now = this.of(call.request.service);
      if (now !== last) call.write(now);
      last = now;
    };
    tell();
    this.#watchers.add(tell);
    call.on('cancelled', () => {
      this.#watchers.delete(tell);
      call.end();
    });
    call.on('close', () => this.#watchers.delete(tell));
  }
}

/** How `grpc.health.v1.Health` is called. */
export const HEALTH_SERVICE: {
  readonly check: Grpc.MethodDefinition<HealthRequest, Serving>;
  readonly watch: Grpc.MethodDefinition<HealthRequest, Serving>;
} = {
  check: method('Check', false),
  watch: method('Watch', true),
};

function method(name: string, responseStream: boolean): Grpc.MethodDefinition<HealthRequest, Serving> {
  return {
    path: `/grpc.health.v1.Health/${name}`,
    requestStream: false,
    responseStream,
    requestSerialize: writeRequest,
    requestDeserialize: readRequest,
    responseSerialize: (status) => Buffer.from([0x08, NUMBERS[status]]),
    responseDeserialize: readResponse,
  };
}

/** `message HealthCheckRequest { string service = 1; }` */
function writeRequest({ service }: HealthRequest): Buffer {
  if (service === '') return Buffer.alloc(0);
  const name = Buffer.from(service);
  if (name.length > 127) throw new RangeError('the name of a service has at most 127 bytes here');
  return Buffer.concat([Buffer.from([0x0a, name.length]), name]);
}

/** Names of services that there are fit into 127 bytes: of anything else it is enough to know that it is unknown. */
function readRequest(bytes: Buffer): HealthRequest {
  if (bytes.length === 0) return { service: '' };
  const length = bytes[1] ?? 0;
  if (bytes.length > LONGEST_NAME || bytes[0] !== 0x0a || length > 127 || bytes.length !== 2 + length)
    return { service: '(not a name)' };
  return { service: bytes.toString('utf8', 2) };
}

/** `message HealthCheckResponse { ServingStatus status = 1; }` */
function readResponse(bytes: Buffer): Serving {
  const found = (Object.keys(NUMBERS) as Serving[]).find((name) => bytes[0] === 0x08 && NUMBERS[name] === bytes[1]);
  return found ?? 'SERVICE_UNKNOWN';
}
