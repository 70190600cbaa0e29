export type { Backend, Capabilities, Outcome, Outcomes, SubmitOptions, Timing } from './backend.ts';
export { Batch, type BatchOptions, type RunOptions } from './batch.ts';
export { batchesAhead } from './batches-ahead.ts';
export { move } from './bulk/moved.ts';
export { Shared, share } from './bulk/shared.ts';
export { type AnyFunction, CallScope, type CallScopeOptions } from './call-scope.ts';
export type { ContainerOptions } from './container/container-options.ts'; // here, its types need no dockerode
export { cpuCount, effectiveNJobs } from './cpu.ts';
export { runEncoded } from './encoded.ts';
export {
  BackendUnusableError,
  CancelledError,
  ClosedError,
  NoTaskError,
  OptionError,
  ProtocolError,
  SharedWriteError,
  TaskTimeoutError,
  UnknownBackendError,
  type WorkerExit,
  WorkerLostError,
  WorkerMemoryError,
} from './errors.ts';
export type { GrpcOptions } from './grpc/options.ts';
export type { PoolBackendOptions, WorkerOptions } from './pool/backend.ts';
export type { WorkerExitMessage, WorkerStartMessage } from './pool/channels.ts';
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
export { type CurrentTask, currentTask, runningHere } from './task/current-task.ts';
export type { ConsoleLine } from './task/running.ts';
export { GRACE_MS, seedOf, type TaskSettings } from './task/settings.ts';
export type { Call } from './work.ts';
