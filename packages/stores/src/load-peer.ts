import { StoreError } from './errors.ts';

/** Loads an optional package on first use; `load` is the import itself. */
export async function loadPeer<T>(name: string, store: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== 'ERR_MODULE_NOT_FOUND' && code !== 'MODULE_NOT_FOUND') throw error;
    const advice = `it needs the package ${name}, which cannot be loaded (${message}). Install it: npm install ${name}`;
    throw new StoreError('ERR_STORE_DEPENDENCY', store, advice, { cause: error });
  }
}
