import { mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { program, root } from '../workspace/program.ts';

/** A folder outside the repository that has our packages as npm installs them from their tarballs. */
export interface Scratch {
  readonly folder: string;
  /** Tarball of each package, by name. */
  readonly tarballs: Readonly<Record<string, string>>;
  /** Puts a file there; gives its path. */
  write(name: string, text: string): string;
  /** Runs a program there. */
  run(command: string, ...args: string[]): Promise<{ stdout: string; stderr: string }>;
  remove(): void;
}

/** What `npm test` sets for its own project must not reach an npm that works on another one. */
const KEEP = new Set(['npm_config_cache', 'npm_config_registry', 'npm_config_userconfig', 'npm_config_globalconfig']);
const env = Object.fromEntries(
  Object.entries(process.env).filter(
    ([name]) => KEEP.has(name) || !/^(npm_|INIT_CWD|NODE_OPTIONS|VITEST|NODE_ENV)/.test(name),
  ),
);

export async function createScratch(): Promise<Scratch> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'consumer-')));
  const run = (command: string, ...args: string[]) => program(command, args, { cwd: folder, env });
  const write = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const pack = [
    '--yes',
    '--prefer-offline',
    'pnpm@12',
    '--filter',
    './packages/*',
    'pack',
    '--pack-destination',
    folder,
  ];
  await program('npx', pack, { cwd: root, env });
  const tarballs: Record<string, string> = {};
  for (const file of readdirSync(folder)) {
    const name = /^jobloom-(\w+)-.*\.tgz$/.exec(file)?.[1];
    if (name !== undefined) tarballs[`@jobloom/${name}`] = `file:./${file}`;
  }
  const { '@jobloom/parallel': parallel, ...overrides } = tarballs;
  const manifest = {
    name: 'consumer',
    private: true,
    type: 'module',
    dependencies: { '@jobloom/parallel': parallel },
    overrides,
  };
  write('package.json', JSON.stringify(manifest));
  await run('npm', 'install', '--prefer-offline', '--no-audit', '--no-fund');
  return { folder, tarballs, write, run, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
