import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../base/errors.ts';
import { compareCodePoints } from '../data/labels.ts';
import type { Dataset } from './load-digits.ts';
import { unzip } from './zip.ts';

/**
 * 2,000 film reviews, those of `neg` before those of `pos`, each sorted by file name, with 0 and 1 for them. They do
 * not come with the package, for they are 4 MB: give the ZIP archive of the NLTK corpora, or the folder that it
 * unpacks to. Source: Pang and Lee, polarity dataset v2.0, ACL 2004 (CC BY 4.0).
 *
 * @throws InputError where there are no reviews
 */
export function loadMovieReviews(path: string): Dataset<string[], Int32Array> {
  const kinds = ['neg', 'pos'];
  const files = statSync(path).isDirectory() ? fromFolder(path, kinds) : unzip(readFileSync(path));
  const X: string[] = [];
  const y: number[] = [];
  for (const [label, kind] of kinds.entries()) {
    const names = [...files.keys()].filter((name) => new RegExp(`(^|/)${kind}/[^/]+\\.txt$`).test(name));
    if (names.length === 0) throw new InputError(`there are no reviews in ${path}: ${kind}/*.txt is missing.`);
    for (const name of names.sort(compareCodePoints)) {
      X.push((files.get(name) as Buffer).toString('utf8'));
      y.push(label);
    }
  }
  return { X, y: Int32Array.from(y) };
}

function fromFolder(path: string, kinds: readonly string[]): Map<string, Buffer> {
  return new Map(
    kinds.flatMap((kind) =>
      readdirSync(join(path, kind)).map((file): [string, Buffer] => [
        `${kind}/${file}`,
        readFileSync(join(path, kind, file)),
      ]),
    ),
  );
}
