import { createRequire } from 'node:module';
import type * as GrpcJs from '@grpc/grpc-js';
import { BackendUnusableError } from '../errors.ts';

export type Grpc = typeof GrpcJs;

let loaded: Grpc | undefined;

/** grpc-js, loaded on first use. @throws BackendUnusableError with the command that installs it */
export function loadGrpc(): Grpc {
  try {
    loaded ??= createRequire(import.meta.url)('@grpc/grpc-js') as Grpc;
  } catch (cause) {
    throw new BackendUnusableError('the grpc backend needs @grpc/grpc-js. Install it: npm install @grpc/grpc-js', {
      cause,
    });
  }
  return loaded;
}
