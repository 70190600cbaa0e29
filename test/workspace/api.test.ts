import * as backends from '@jobloom/backends';
import * as codec from '@jobloom/codec';
import * as memory from '@jobloom/memory';
import * as ml from '@jobloom/ml';
import * as autodiff from '@jobloom/ml/autodiff';
import * as parallel from '@jobloom/parallel';
import * as stores from '@jobloom/stores';
import { expect, test } from 'vitest';

/** What programs may import. A change here is a change for users: it belongs in CHANGELOG.md. */
test.each([
  ['parallel', parallel],
  ['backends', backends],
  ['codec', codec],
  ['stores', stores],
  ['memory', memory],
  ['ml', ml],
  ['ml/autodiff', autodiff],
])('names that @jobloom/%s exports', (_name, module) => {
  expect(Object.keys(module).sort().join('\n')).toMatchSnapshot();
});
