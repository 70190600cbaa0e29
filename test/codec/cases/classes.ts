import { RENAMED, refused, type Section, section, story, task } from './case.ts';

const base = 40;
const unit: unique symbol = Symbol('unit');
const COMPUTED = 'c1';

class Shape {
  static made = 0;
  static readonly kinds: string[] = ['shape'];
  static of(side: number): Shape {
    return new this(side);
  }
  static {
    Shape.made = 3;
  }
  readonly side: number;
  constructor(side: number) {
    this.side = side;
  }
  get area(): number {
    return this.side ** 2;
  }
  set double(x: number) {
    (this as { side: number }).side = 2 * x;
  }
  describe(): string {
    return `side ${this.side}`;
  }
  get [Symbol.toStringTag](): string {
    return 'Shape';
  }
}

class Cube extends Shape {
  static #made = 5;
  #secret = 7;
  #hidden(): number {
    return this.#secret * 2;
  }
  get #both(): number {
    return this.#secret + this.#hidden();
  }
  static count(): number {
    Cube.#made += 1;
    return Cube.#made;
  }
  static isOne(value: object): boolean {
    return #secret in value;
  }
  override describe(): string {
    return `cube, ${super.describe()}, ${this.#secret}, ${this.#both}`;
  }
  *[Symbol.iterator](): Generator<number> {
    yield this.side;
  }
}

class Fields {
  a = base;
  b = this.a + 1;
  bound = (): number => this.b;
  [COMPUTED] = 'computed';
  [unit] = 'symbol';
  declare later: number;
}

class List2 extends Array<number> {
  total(): number {
    return this.reduce((a, b) => a + b, 0);
  }
}
class Table extends Map<string, number> {
  getOr(key: string, other: number): number {
    return this.get(key) ?? other;
  }
}
class Problem extends RangeError {
  readonly detail: number;
  constructor(message: string, detail: number) {
    super(message);
    this.name = 'Problem';
    this.detail = detail;
  }
}

abstract class Animal {
  readonly made: string;
  constructor() {
    this.made = new.target === Animal ? 'abstract' : 'concrete';
  }
  abstract sound(): string;
  speak(): string {
    return `${this.sound()}!`;
  }
}
class Dog extends Animal {
  sound(): string {
    return 'wuff';
  }
}

const serializable = <T extends new (...args: never[]) => object>(Base: T) =>
  class extends (Base as new (...args: never[]) => object) {
    json(): string {
      return JSON.stringify(this);
    }
  };
class Point {
  x = 1;
  y = 2;
}
const JsonPoint = serializable(Point);

function OldAnimal(this: { name: string }, name: string) {
  this.name = name;
}
OldAnimal.prototype.speak = function (this: { name: string }) {
  return `${this.name}${base}`;
};
OldAnimal.count = 4;
type OldClass = new (name: string) => { name: string; speak(): string };
const Old = OldAnimal as unknown as OldClass;

function OldDog(this: { name: string }, name: string) {
  OldAnimal.call(this, name);
}
OldDog.prototype = Object.create(OldAnimal.prototype, {
  constructor: { value: OldDog, writable: true, configurable: true },
});
const OldSub = OldDog as unknown as OldClass;

export class Money {
  #cents: number;
  constructor(cents: number) {
    this.#cents = cents;
  }
  get cents(): number {
    return this.#cents;
  }
  [Symbol.for('jobloom.reduce')](): unknown[] {
    return [Money, this.#cents];
  }
}

export const classes: Section = section('classes', [
  task('made in the task', () => () => new Shape(3).area, 9),
  task('a class as an argument', () => (Given: typeof Shape) => new Given(3).area, 9, { args: [Shape] }),
  task(
    'inheritance, super, private fields, methods and accessors in source',
    () => () => new Cube(2).describe(),
    'cube, side 2, 7, 21',
  ),
  task('private static fields keep their values', () => () => [Cube.count(), Cube.count()], [6, 7]),
  task('#field in object', () => () => [Cube.isOne(new Cube(1)), Cube.isOne({})], [true, false]),
  task('statics keep their values, static blocks do not run again', () => () => [Shape.made, Cube.made, Cube.kinds], [
    3,
    3,
    ['shape'],
  ]),
  task(
    'static methods with this',
    () => () => [Shape.of(2) instanceof Shape, Cube.of(2) instanceof Cube, Cube.of(2).side],
    [true, true, 2],
  ),
  task(
    'setters, Symbol.iterator, Symbol.toStringTag',
    () => () => {
      const cube = new Cube(2);
      cube.double = 4;
      return [cube.side, [...cube], String(cube)];
    },
    [8, [8], '[object Shape]'],
  ),
  task(
    'fields: captured, computed, of symbols, arrows with this',
    () => () => {
      const made = new Fields() as Fields & Record<string | symbol, unknown>;
      const known = COMPUTED;
      return [made.a, made.b, made.bound(), made[known], made[unit]];
    },
    [40, 41, 41, 'computed', 'symbol'],
  ),
  task('an instance, captured', () => {
    const shape = new Shape(3);
    return () => [shape.area, shape instanceof Shape, shape.constructor === Shape];
  }, [9, true, true]),
  task('an instance as an argument', () => (given: Shape) => [given.area, given instanceof Shape], [25, true], {
    args: [new Shape(5)],
  }),
  story(
    'an instance as a result is one of the caller’s class',
    async (call) => {
      const result = (await call((x: number) => ({ shape: new Shape(x), Shape }), 5)) as {
        shape: Shape;
        Shape: unknown;
      };
      return [result.shape instanceof Shape, result.shape.area, result.Shape === Shape];
    },
    [true, 25, true],
  ),
  story(
    'the same of a subclass made in the task',
    async (call) => {
      const dog = (await call(() => new Dog())) as Dog;
      return [dog instanceof Dog, dog instanceof Animal, dog.speak()];
    },
    [true, true, 'wuff!'],
  ),
  task('abstract classes and new.target', () => () => [new Dog().speak(), new Dog().made], ['wuff!', 'concrete']),
  task('a class expression that extends a parameter', () => () => new JsonPoint().json(), '{"x":1,"y":2}'),
  task('an anonymous class expression', () => {
    const Kinds = [
      class {
        is = 'a';
      },
      class {
        is = 'b';
      },
    ];
    return () => Kinds.map((Kind) => new Kind().is);
  }, ['a', 'b']),
  task(
    'subclasses of Array, Map and Error made in the task',
    () => () => {
      const problem = new Problem('bad', 3);
      return [
        (List2.from([1, 2]) as List2).total(),
        new Table([['a', 1]]).getOr('b', 2),
        problem.message,
        problem.detail,
        problem instanceof RangeError,
      ];
    },
    [3, 2, 'bad', 3, true],
  ),
  story(
    'a thrown error of the caller’s class',
    async (call) => {
      const error = (await call(() => {
        throw new Problem('bad', 3);
      }).catch((thrown: unknown) => thrown)) as Problem;
      return [error instanceof Problem, error.name, error.message, error.detail];
    },
    [true, 'Problem', 'bad', 3],
  ),
  task('constructors of the old kind', () => {
    const rex = new Old('rex');
    return () => [rex.speak(), new Old('tom').speak(), rex instanceof Old, OldAnimal.count];
  }, ['rex40', 'tom40', true, 4]),
  task('inheritance of the old kind', () => {
    const rex = new OldSub('rex');
    return () => [rex.speak(), rex instanceof Old, rex instanceof OldSub, new OldSub('tom').speak()];
  }, ['rex40', true, true, 'tom40']),
  task(
    'a method taken from a class',
    () => {
      const { describe } = Shape.prototype;
      return () => describe.call(new Shape(4));
    },
    'side 4',
  ),
  task('Object.create with a prototype of one’s own', () => {
    const proto = {
      greet(this: { name: string }) {
        return `hi ${this.name}`;
      },
    };
    const made = Object.assign(Object.create(proto) as typeof proto, { name: 'you' });
    return () => [made.greet(), Object.getPrototypeOf(made) === proto];
  }, ['hi you', true]),
  task('super in an object literal, captured with its object', () => {
    const parent = { hi: () => 'parent' };
    const child = {
      __proto__: parent,
      hi: () => 'child',
      both(this: { hi(): string }) {
        return this.hi();
      },
    };
    return () => [child.both(), (Object.getPrototypeOf(child) as typeof parent).hi()];
  }, ['child', 'parent']),
  task(
    'Symbol.for(jobloom.reduce) on a class with private fields',
    () => {
      const money = new Money(5);
      return (given: Money) => [money.cents, given.cents, given instanceof Money];
    },
    [5, 7, true],
    { args: [new Money(7)] },
  ),
  refused(
    'an instance with private fields is refused by the name of the field',
    () => {
      const cube = new Cube(2);
      return () => cube;
    },
    "task -> cube: an instance of Cube has the private member #secret, which cannot be read from outside. Give Cube a method [Symbol.for('jobloom.reduce')]() { return [Cube, ...args] }, or register a type",
    { renamed: ['cube', 'Cube', 'secret'] },
  ),
  refused(
    'a member name computed from a variable that nothing else uses',
    () => {
      const key = `k${base}`;
      class Keyed {
        [key] = 1;
      }
      return () => new Keyed();
    },
    'task -> Keyed: the name of a member is computed from key, a variable that V8 let go when the class was made. Write the name out, or use key in one of the methods too',
    { renamed: ['Keyed', 'key'] },
  ),
  task('name of a class', () => () => [Shape.name, new Shape(1).constructor.name], ['Shape', 'Shape'], RENAMED),
]);
