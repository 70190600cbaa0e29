import { expect, test } from 'vitest';
import { Inventory } from '../../packages/backends/src/grpc/scheduling/inventory.ts';
import { checkRequires, lacks, roomFor } from '../../packages/backends/src/grpc/scheduling/requirements.ts';

const offer = { labels: { zone: 'a' }, resources: { gpu: 3, license: 1 } };

test('a daemon has room for as many workers as its slots, labels and resources allow', () => {
  expect(roomFor({}, offer, 8)).toBe(8);
  expect(roomFor({ gpu: 1 }, offer, 8)).toBe(3);
  expect(roomFor({ gpu: 2 }, offer, 8)).toBe(1);
  expect(roomFor({ gpu: 1, license: 1 }, offer, 8)).toBe(1);
  expect(roomFor({ gpu: 1 }, offer, 2)).toBe(2);
  expect(roomFor({ zone: 'a' }, offer, 8)).toBe(8);
  expect(roomFor({ zone: 'b' }, offer, 8)).toBe(0);
  expect(roomFor({ tpu: 1 }, offer, 8)).toBe(0);
  expect(roomFor({ gpu: 1 }, {}, 8)).toBe(0);
});

test('what a daemon lacks is said', () => {
  expect(lacks({ gpu: 1, zone: 'a' }, offer)).toBeUndefined();
  expect(lacks({ gpu: 4, zone: 'b', rack: '1' }, offer)).toBe(
    'lacks what is required: gpu: 4 (it has 3), zone: b (it has a), rack: 1 (it has no such label)',
  );
});

test.each([[{ gpu: 0 }], [{ gpu: 1.5 }], [{ gpu: true }], ['gpu'], [null]])(
  '%j requires nothing that is known',
  (bad) => {
    expect(() => checkRequires(bad)).toThrow(/must have whole numbers of resources/);
  },
);

test('each resource is with one worker at a time, and the lowest numbers go first', () => {
  const inventory = new Inventory({ gpu: 3, license: 1 });
  const first = inventory.take({ gpu: 2 });
  expect(first).toEqual({ gpu: [0, 1] });
  expect(inventory.take({ gpu: 2 })).toBeUndefined();
  const second = inventory.take({ gpu: 1, license: 1 });
  expect(second).toEqual({ gpu: [2], license: [0] });
  expect(inventory.take({ license: 1, gpu: 0 })).toBeUndefined();
  inventory.give(first ?? {});
  expect(inventory.take({ gpu: 1 })).toEqual({ gpu: [0] });
  inventory.give(second ?? {});
  expect(inventory.take({ gpu: 2, license: 1 })).toEqual({ gpu: [1, 2], license: [0] });
});

test('what is lacking in part is not taken in part', () => {
  const inventory = new Inventory({ gpu: 1 });
  expect(inventory.take({ gpu: 1, tpu: 1 })).toBeUndefined();
  expect(inventory.take({ gpu: 1 })).toEqual({ gpu: [0] });
});
