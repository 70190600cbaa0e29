export type { Backend, Capabilities, Outcome, Outcomes, SubmitOptions, Timing } from './backend.ts';
export { Batch, type BatchOptions, type RunOptions } from './batch.ts';
export { type AnyFunction, CallScope } from './call-scope.ts';
export { cpuCount, effectiveNJobs } from './cpu.ts';
export { runEncoded } from './encoded.ts';
export {
  BackendUnusableError,
  CancelledError,
  ClosedError,
  OptionError,
  ProtocolError,
  UnknownBackendError,
  type WorkerExit,
  WorkerLostError,
} from './errors.ts';
export type { PoolBackendOptions } from './pool/backend.ts';
export {
  type BackendFactory,
  backendNames,
  checkBackend,
  defaultBackend,
  type OpenBackend,
  openBackend,
  type Registration,
  registerParallelBackend,
} from './registry.ts';
export type { SequentialOptions } from './sequential/index.ts';
export type { Call } from './work.ts';
