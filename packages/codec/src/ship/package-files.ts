import { readdirSync, realpathSync, statSync } from 'node:fs';
import { join, sep } from 'node:path';

/** Folders that hold other packages, or what no program loads. */
const OTHERS: ReadonlySet<string> = new Set(['node_modules', '.git']);

/**
 * The files of a package, as paths with forward slashes from its folder. Left out is what Node never loads: source
 * maps, and the declarations (`x.d.ts`) of a JavaScript file that is there. All else may be read by the package.
 * @throws Error when a link leads out of the package
 */
export function packageFiles(directory: string): readonly string[] {
  const files: string[] = [];
  const root = realpathSync(directory);
  const walk = (folder: string, prefix: string): void => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = `${prefix}${entry.name}`;
      if (prefix === '' && OTHERS.has(entry.name)) continue;
      const full = join(folder, entry.name);
      const isLink = entry.isSymbolicLink();
      if (isLink && !realpathSync(full).startsWith(root + sep))
        throw new Error(`${path} is a link that leads out of it`);
      const kind = isLink ? statSync(full) : entry;
      if (isLink && kind.isDirectory()) throw new Error(`${path} is a link to a folder`);
      if (kind.isDirectory()) walk(full, `${path}/`);
      else if (kind.isFile()) files.push(path);
    }
  };
  walk(root, '');
  const all = new Set(files);
  return files.filter((file) => !file.endsWith('.map') && !describesOther(file, all)).sort();
}

/** Whether a file has the types of another one that is there. */
function describesOther(file: string, all: ReadonlySet<string>): boolean {
  const match = /^(.*)\.d\.([cm]?)ts$/.exec(file);
  return match !== null && ['', 'c', 'm'].some((kind) => all.has(`${match[1]}.${kind}js`));
}
