import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

let version: string | undefined;

/** The version of this package. */
export function packageVersion(): string {
  version ??= (
    JSON.parse(readFileSync(fileURLToPath(import.meta.resolve('@jobloom/backends/package.json')), 'utf8')) as {
      version: string;
    }
  ).version;
  return version;
}
