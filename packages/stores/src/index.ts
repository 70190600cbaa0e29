export { type DiskStoreOptions, diskStore } from './disk/disk-store.ts';
export { StoreError, type StoreErrorCode } from './errors.ts';
export type { StoreEvent } from './events.ts';
export { checkKey } from './key.ts';
export { type MemoryStoreOptions, memoryStore } from './memory-store.ts';
export { openStore, registerStore, type StoreLocation, type StoreOpener } from './open-store.ts';
export { type RedisClient, type RedisStoreOptions, redisStore } from './redis/redis-store.ts';
export { type S3StoreOptions, s3Store } from './s3/s3-store.ts';
export type {
  Entry,
  EntryInfo,
  GetOptions,
  Lease,
  LeaseOptions,
  ListOptions,
  OperationOptions,
  Payload,
  PutOptions,
  PutResult,
  ReadOptions,
  Store,
  StoreCapabilities,
} from './store.ts';
export { tiered } from './tiered.ts';
