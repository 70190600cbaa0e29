import { existsSync, realpathSync } from 'node:fs';
import { lstat, readdir, readFile, readlink } from 'node:fs/promises';
import { basename, dirname, join, posix, relative, resolve, sep } from 'node:path';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { BackendUnusableError, OptionError } from '../errors.ts';
import { connectEngine } from './engine.ts';
import { findPackageFolder, type PlacedPackage, placePackages } from './package-folders.ts';
import { CONTAINER_FOLDER } from './places.ts';
import { type TarEntry, tarOf } from './tar.ts';

export interface BuildWorkerImageOptions {
  /** Name of the image: `my-worker`, `localhost/my-worker:2`. */
  readonly tag: string;
  /** Where the engine is; see `ContainerOptions`. */
  readonly engine?: string;
  /** Packages that tasks use, by name, as installed where this program runs; with all that they depend on. */
  readonly packages?: readonly string[];
  /** A folder whose whole `node_modules` goes along. */
  readonly project?: string;
}

/** Where the working folder of images is, from which tasks find packages. */
const WORK = `${CONTAINER_FOLDER}/work`;
const OURS = ['@jobloom/parallel', '@jobloom/memory', '@jobloom/ml'];
/** Containers run as another user. */
const READABLE = 0o444;
/** Name services that the C library loads by itself. */
const NAME_SERVICES = ['libnss_dns.so.2', 'libnss_files.so.2', 'libresolv.so.2'];

/**
 * Makes an image of the Node that runs this program, the libraries that it has loaded, and jobloom; no registry is asked.
 * Gives the tag. Linux only: the program's own files go into the image. Native packages may need libraries of their own,
 * which it does not have: make such an image by a Dockerfile.
 * @throws BackendUnusableError when no engine answers, or it does not take the image
 */
export async function buildWorkerImage({
  tag,
  engine,
  packages = [],
  project,
}: BuildWorkerImageOptions): Promise<string> {
  if (process.platform !== 'linux')
    throw new OptionError(
      `buildWorkerImage puts the Node that runs into the image, which must be one for Linux. This is ${process.platform}: use the Dockerfile in docs/containers.md.`,
    );
  const { docker } = await connectEngine(engine);
  const [, repo = tag, version = 'latest'] = /^(.*?)(?::([\w.-]+))?$/.exec(tag) ?? [];
  try {
    const stream = await docker.importImage(Readable.from(tarOf(files(packages, project))) as never, {
      changes: [`WORKDIR ${WORK}`],
    });
    const steps = await new Promise<{ status?: string }[]>((done, fail) =>
      docker.modem.followProgress(stream, (error, all) => (error ? fail(error) : done(all))),
    );
    await docker.getImage(steps.at(-1)?.status ?? '').tag({ repo, tag: version });
    return tag;
  } catch (error) {
    throw new BackendUnusableError(`the engine did not take the image ${tag}: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

async function* files(packages: readonly string[], project: string | undefined): AsyncGenerator<TarEntry> {
  for (const path of ['tmp', 'proc', 'sys', 'dev', 'etc', 'run', WORK])
    yield { path, folder: true, ...(path === 'tmp' && { mode: 0o1777 }) };
  yield text('etc/passwd', 'root:x:0:0:root:/:/usr/bin/node\nnobody:x:65534:65534:nobody:/:/usr/bin/node\n');
  yield text('etc/group', 'root:x:0:\nnogroup:x:65534:\n');
  yield { path: 'usr/bin/node', mode: 0o755, bytes: await readFile(realpathSync(process.execPath)) };
  for (const path of libraries()) yield { path, mode: 0o755, bytes: await readFile(path) };
  for (const each of placedPackages(packages)) yield* packageFiles(each);
  if (project === undefined) return;
  const modules = resolve(project, 'node_modules');
  yield* tree(modules, posix.join(WORK, 'node_modules'), modules);
}

/** The libraries that this process has loaded, and those by which it finds hosts. */
function libraries(): readonly string[] {
  const report = process.report as NodeJS.ProcessReport & { excludeNetwork?: boolean };
  const { excludeNetwork } = report;
  report.excludeNetwork = true; // looking up the names of connections takes seconds
  const { sharedObjects } = report.getReport() as { sharedObjects: readonly string[] };
  report.excludeNetwork = excludeNetwork ?? false;
  const loaded = sharedObjects.filter((path) => path.startsWith('/') && !path.endsWith('.node'));
  const folders = new Set(loaded.map((path) => dirname(path)));
  const services = NAME_SERVICES.flatMap((name) => [...folders].map((folder) => join(folder, name))).filter(existsSync);
  return [...new Set([...loaded, ...services])];
}

function placedPackages(packages: readonly string[]): readonly PlacedPackage[] {
  const here = fileURLToPath(import.meta.url);
  const root = realpathSync(join(here.slice(0, here.lastIndexOf(`${sep}dist${sep}`))));
  const ours = OURS.filter((name) => findPackageFolder(name, process.cwd()) !== undefined);
  const asked = [...ours, ...packages].map((name) => ({ name, from: process.cwd() }));
  return [{ source: root, place: '@jobloom/backends' }, ...placePackages([...dependenciesOf(root), ...asked])].filter(
    ({ place }, at, all) => all.findIndex((other) => other.place === place) === at,
  );
}

function dependenciesOf(folder: string): { readonly name: string; readonly from: string }[] {
  return ['@jobloom/codec', '@jobloom/stores', 'msgpackr', 'workerpool'].map((name) => ({ name, from: folder }));
}

async function* packageFiles({ source, place }: PlacedPackage): AsyncGenerator<TarEntry> {
  const to = posix.join(CONTAINER_FOLDER, 'node_modules', place);
  const built = place.startsWith('@jobloom/') && existsSync(join(source, 'dist')); // as it is published
  if (!built) return yield* tree(source, to, source);
  yield { path: posix.join(to, 'package.json'), bytes: await readFile(join(source, 'package.json')) };
  yield* tree(join(source, 'dist'), posix.join(to, 'dist'), source);
}

/** All files below a folder, without maps; links that lead out of `inside` become what they lead to. */
async function* tree(folder: string, to: string, inside: string): AsyncGenerator<TarEntry> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const target = posix.join(to, name);
    const stat = await lstat(path);
    const skipped = name === 'node_modules' && folder === inside && basename(inside) !== 'node_modules';
    if (skipped || name.endsWith('.map')) continue;
    if (stat.isSymbolicLink()) {
      const real = realOf(path);
      if (real === undefined) continue; // it leads nowhere
      if (!relative(inside, real).startsWith('..')) yield { path: target, link: await readlink(path) };
      else if ((await lstat(real)).isDirectory()) yield* tree(real, target, real);
      else yield { path: target, bytes: await readFile(real) };
    } else if (stat.isDirectory()) yield* tree(path, target, inside);
    else if (stat.isFile()) yield { path: target, mode: (stat.mode & 0o777) | READABLE, bytes: await readFile(path) };
  }
}

function realOf(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

function text(path: string, content: string): TarEntry {
  return { path, bytes: Buffer.from(content) };
}
