import { lstatSync, mkdirSync, realpathSync } from 'node:fs';
import { homedir, tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

/** Layout of what is in the folder. */
const LAYOUT = 'v1';

let known: { readonly base: string | undefined; readonly folder: string } | undefined;

/**
 * The folder in which packages that came are kept, for this user only: below JOBLOOM_PACKAGE_CACHE, else below the
 * user's folder for caches, else, where none can be made, below the folder for temporary files.
 * @throws Error when others may write there
 */
export function cacheFolder(): string {
  const base = process.env.JOBLOOM_PACKAGE_CACHE;
  if (known === undefined || known.base !== base) known = { base, folder: make(base) };
  return known.folder;
}

function make(base: string | undefined): string {
  if (base !== undefined && base !== '') return ownFolder(base);
  try {
    return ownFolder(join(userCache(), 'jobloom', 'packages'));
  } catch (error) {
    if (!/^(?:EACCES|EPERM|EROFS|ENOENT|ENOTDIR)$/.test((error as { code?: string }).code ?? '')) throw error;
    return ownFolder(join(tmpdir(), `jobloom-packages-${userInfo().uid}`));
  }
}

function userCache(): string {
  if (process.env.XDG_CACHE_HOME) return process.env.XDG_CACHE_HOME;
  if (process.platform === 'win32' && process.env.LOCALAPPDATA) return process.env.LOCALAPPDATA;
  return process.platform === 'darwin' ? join(homedir(), 'Library', 'Caches') : join(homedir(), '.cache');
}

/** Makes a folder of mode 0700, or sees that the one which is there is such. */
function ownFolder(base: string): string {
  mkdirSync(base, { recursive: true, mode: 0o700 });
  const folder = join(base, LAYOUT);
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if ((error as { code?: string }).code !== 'EEXIST') throw error;
  }
  const { uid, mode } = lstatSync(folder);
  const isOurs = lstatSync(folder).isDirectory() && (process.getuid === undefined || uid === process.getuid());
  if (!isOurs || (process.platform !== 'win32' && (mode & 0o077) !== 0)) {
    throw new Error(
      `${folder} is no folder that only this user can use, so packages cannot be kept there. Remove it, or set JOBLOOM_PACKAGE_CACHE to another one`,
    );
  }
  return realpathSync(folder); // as Node names what it loads from there
}
