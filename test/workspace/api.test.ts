import * as backends from '@jobloom/backends';
import * as codec from '@jobloom/codec';
import * as parallel from '@jobloom/parallel';
import { expect, test } from 'vitest';

/** What programs may import. A change here is a change for users: it belongs in CHANGELOG.md. */
test.each([
  ['parallel', parallel],
  ['backends', backends],
  ['codec', codec],
])('names that @jobloom/%s exports', (_name, module) => {
  expect(Object.keys(module).sort().join('\n')).toMatchSnapshot();
});
