import { findPackage, type Package } from '../packages.ts';

/** Another package that one may load. */
export interface Dependency {
  /** The name it is imported under, which an alias may have made another than its own. */
  readonly name: string;
  readonly package: Package;
  /** The package that wants it copes without it. */
  readonly optional: boolean;
}

/** The packages that a package says it uses, as far as they are installed where it lies: peers and optional ones too. Types are never loaded. */
export function dependenciesOf({ directory, manifest }: Package): readonly Dependency[] {
  const { dependencies, optionalDependencies, peerDependencies, peerDependenciesMeta: meta } = manifest;
  const bundled = manifest.bundleDependencies ?? manifest.bundledDependencies;
  const names = new Set([
    ...Object.keys(dependencies ?? {}),
    ...Object.keys(optionalDependencies ?? {}),
    ...Object.keys(peerDependencies ?? {}),
    ...(Array.isArray(bundled) ? bundled : []),
  ]);
  const found: Dependency[] = [];
  for (const name of names) {
    if (name.startsWith('@types/')) continue;
    const installed = findPackage(name, directory);
    if (installed === undefined || installed.directory === directory) continue;
    const isOptional = optionalDependencies?.[name] !== undefined || meta?.[name]?.optional === true;
    found.push({ name, package: installed, optional: isOptional });
  }
  return found;
}
