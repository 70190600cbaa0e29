import { setTimeout as sleep } from 'node:timers/promises';
import { StoreError } from '@jobloom/stores';

/** Keys begin with it. */
export const ROOT = 'jobloom-jobs';

/** What a job is told: where to find what it is to do. */
export interface JobTicket {
  /** Location of the store, for `openStore`. */
  readonly location: string;
  readonly run: string;
  readonly token: string;
  /** That everything of this run is signed with, in hex. */
  readonly key: string;
}

/** What a job is to do: the hashes of the pieces that make up its packets. */
export interface Manifest {
  readonly pieces: readonly string[];
  /** In ms since 1970: not to be started after that. */
  readonly expires: number;
  readonly maxBytes: number;
}

/** What became of a job. Its packets are the entry's parts, in order, of which the body has the hashes. */
export interface AnswerHead {
  readonly pieces: readonly string[];
  readonly exit: { readonly code: number | null; readonly signal: string | null } | null;
  readonly memory?: { readonly limit: number; readonly stuck?: true };
}

export const manifestKey = (run: string, token: string): string => `${ROOT}/${run}/job-${token}`;
export const answerKey = (run: string, token: string): string => `${ROOT}/${run}/answer-${token}`;
export const pieceKey = (run: string, hash: string): string => `${ROOT}/${run}/piece-${hash}`;
/** Leased by the caller while it lives. */
export const aliveKey = (run: string): string => `${ROOT}/${run}/alive`;

/** Lease of the caller; a job looks as often as it can tell. */
export const LEASE_MS = 15_000;

const TRIES = 4;
const FIRST_MS = 100;
const PASSING: ReadonlySet<unknown> = new Set(['ERR_STORE_UNREACHABLE', 'ERR_STORE_TIMEOUT', 'ERR_STORE_FAILED']);

/** Does something with a store again when it failed in a way that passes. */
export async function trying<T>(act: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await act();
    } catch (error) {
      if (!(error instanceof StoreError) || !PASSING.has(error.code) || tries === TRIES) throw error;
      await sleep(FIRST_MS * 2 ** (tries - 1));
    }
  }
}
