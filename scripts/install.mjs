import { createHash } from 'node:crypto';
import { accessSync, constants, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { execute, failure, root, say } from './steps.mjs';

const STAMP = join(root, 'node_modules', '.jobloom-installed');

/** Installs what the lockfile says, unless that is what is there. */
export async function install() {
  ensureHome();
  const wanted = fingerprint();
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === wanted) return;
  say('installing dependencies with pnpm, as the lockfile says (once; about a minute on a slow line)');
  const args = ['-y', 'pnpm@12', 'install', '--frozen-lockfile', '--config.confirmModulesPurge=false'];
  const code = await execute('npx', args, { shell: process.platform === 'win32' });
  if (code !== 0) {
    throw failure(
      `installing failed with exit code ${code}; the lines above say why. It needs a network and the npm registry. Then run the same command again.`,
    );
  }
  writeFileSync(STAMP, wanted);
}

/** What an installation depends on: lockfile, manifests, and the Node that native parts were chosen for. */
function fingerprint() {
  const hash = createHash('sha256').update(`${process.version} ${process.platform} ${process.arch}\n`);
  for (const file of ['pnpm-lock.yaml', 'pnpm-workspace.yaml', ...manifests()])
    hash.update(`${file}\n`).update(readFileSync(join(root, file)));
  return hash.digest('hex');
}

function manifests() {
  const folders = [
    '.',
    'examples',
    'bench',
    ...readdirSync(join(root, 'packages')).map((name) => join('packages', name)),
  ];
  return folders.map((folder) => join(folder, 'package.json')).filter((file) => existsSync(join(root, file)));
}

/** npm and pnpm keep caches in the home folder; a user who has none to write to gets one inside the project. */
function ensureHome() {
  if (isWritable(homedir())) return;
  const home = join(root, '.jobloom', 'home');
  mkdirSync(home, { recursive: true });
  Object.assign(process.env, { HOME: home, XDG_DATA_HOME: join(home, 'data'), XDG_CACHE_HOME: join(home, 'cache') });
  process.env.npm_config_cache = join(home, '.npm');
}

function isWritable(folder) {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
