import { RandomState } from '@jobloom/ml';
import { expect, test } from 'vitest';
import { reference } from './reference/reference.ts';

interface Draws {
  readonly [name: string]: number[];
}

test.each(reference<(Draws & { seed: number; shuffle: string[]; after_refills: number })[]>('numpy_random'))(
  'the numbers of numpy for the seed $seed',
  (drawn) => {
    const random = new RandomState(drawn.seed);
    expect([...random.rand(7)]).toEqual(drawn.rand);
    expect([...random.randint(0, 10, 9)]).toEqual(drawn.randint);
    expect([...random.randint(0, 2 ** 32, 3)]).toEqual(drawn.randint32);
    expect([...random.randint(-5, 2 ** 40, 6)]).toEqual(drawn.randint40);
    expect([...random.randint(3, 4, 2)]).toEqual(drawn.randint_one);
    expect([...random.permutation(20)]).toEqual(drawn.permutation);
    const letters = [...'abcdefgh'];
    random.shuffle(letters);
    expect(letters).toEqual(drawn.shuffle);
    expect([...random.choice(50, 8)]).toEqual(drawn.choice);
    expect([...random.choice(50, 8, { replace: false })]).toEqual(drawn.choice_once);
    expect([...random.choice(4, 12, { p: [0.1, 0.2, 0.3, 0.4] })]).toEqual(drawn.choice_p);
    expect([...random.choice(5, 4, { replace: false, p: [0.4, 0.3, 0.1, 0.1, 0.1] })]).toEqual(drawn.choice_p_once);
    const normals = random.normal(1, 2, 5);
    for (const [i, each] of normals.entries()) expect(each).toBeCloseTo(drawn.normal?.[i] as number, 13);
    expect([...random.uniform(-2, 3, 4)]).toEqual(drawn.uniform);
    const standard = random.randn(4);
    for (const [i, each] of standard.entries()) expect(each).toBeCloseTo(drawn.randn?.[i] as number, 13);
    random.rand(1500);
    expect(random.random()).toBe(drawn.after_refills);
  },
);

test('a copy goes on from the same point', () => {
  const random = new RandomState(7);
  random.gauss();
  const copy = random.copy();
  expect([copy.gauss(), copy.random()]).toEqual([random.gauss(), random.random()]);
});

test('what is no seed is refused', () => {
  expect(() => new RandomState(-1)).toThrow('a seed is an integer from 0 to 4294967295, or null. Got -1.');
  expect(() => new RandomState(0).choice(3, 4, { replace: false })).toThrow('cannot choose 4 of 3');
});
