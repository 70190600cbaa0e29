import assert from 'node:assert/strict';
import { clone } from '../base/clone.ts';
import { ParameterError } from '../base/errors.ts';
import { isEstimator } from '../base/estimator.ts';
import { DEFAULT_TAGS } from '../base/tags.ts';
import type { Checks } from './check-estimator.ts';
import { sampleFor } from './samples.ts';
import { fitted, fresh, type Subject } from './subject.ts';

/** Parameters are stored, asked for, set and cloned; `fit` looks at them and changes none. */
export const parameterChecks: Checks = (test, make) => {
  test('it is an estimator', async () => {
    assert.ok(isEstimator(make()));
  });

  test('its tags are those that there are', async () => {
    assert.deepEqual(Object.keys(make().tags).sort(), Object.keys(DEFAULT_TAGS).sort());
  });

  test('making one learns nothing: its only own field is params', async () => {
    assert.deepEqual(Object.keys(make()), ['params']);
  });

  test('the constructor stores what it is given', async () => {
    const estimator = make();
    const params = estimator.getParams(false);
    const again = estimator.class.fromParams(params);
    for (const [name, value] of Object.entries(params)) assert.ok(Object.is(again.getParams(false)[name], value), name);
  });

  test('getParams and setParams go round', async () => {
    const estimator = make();
    const params = estimator.getParams(true);
    assert.equal(estimator.setParams(params), estimator);
    assert.deepEqual(estimator.getParams(true), params);
    for (const name of Object.keys(estimator.getParams(false))) assert.ok(Object.hasOwn(params, name), name);
  });

  test('setParams refuses names that do not exist', async () => {
    assert.throws(() => make().setParams({ noSuchParameter: 1 }), ParameterError);
    assert.throws(() => make().setParams({ noSuchPart__parameter: 1 }), ParameterError);
  });

  test('setParams stores any value, and fit refuses those that break a constraint', async () => {
    for (const name of Object.keys(make().class.constraints)) {
      const estimator = make();
      const strange = Symbol('strange');
      estimator.setParams({ [name]: strange });
      assert.equal(estimator.getParams(false)[name], strange);
      const { X, y } = sampleFor(make().tags);
      await assert.rejects(
        async () => estimator.fit(X, y),
        (error: Error) => {
          assert.ok(error instanceof ParameterError);
          const start = `The '${name}' parameter of ${estimator.class.name} must be `;
          assert.ok(error.message.startsWith(start), error.message);
          assert.ok(error.message.endsWith(' Got Symbol(strange) instead.'), error.message);
          return true;
        },
      );
    }
  });

  test('fit changes no parameter', async () => {
    const estimator = fresh(make);
    const before = estimator.getParams(false);
    const { X, y } = sampleFor(estimator.tags);
    await estimator.fit(X, y);
    for (const [name, value] of Object.entries(estimator.getParams(false))) {
      assert.ok(Object.is(value, before[name]), `fit changed ${name}`);
    }
  });

  test('a clone has the same parameters and has learned nothing', async () => {
    const estimator = await fitted(make, sampleFor(make().tags));
    const copy: Subject = clone(estimator);
    assert.notEqual(copy, estimator);
    assert.equal(copy.constructor, estimator.constructor);
    assert.deepEqual(Object.keys(copy), ['params']);
    assert.deepEqual(Object.keys(copy.getParams(true)), Object.keys(make().getParams(true)));
    assert.equal(copy.isFitted, copy.tags.stateless);
  });
};
