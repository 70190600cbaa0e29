import type { Primitive } from './primitive.ts';
import { inOrder } from './propagate.ts';
import { type Shape, showShape, sizeOf } from './shapes.ts';
import { type Numbers, plain, type Value } from './value.ts';

/** An operation on slots: buffers that are made once. */
interface Operation {
  readonly primitive: Primitive;
  readonly inputs: readonly number[];
  readonly shapes: readonly Shape[];
  readonly options: readonly number[];
  readonly out: number;
}

/** What a function does, without the function: operations in their order, each on buffers of its own. */
export class Program {
  readonly #operations: Operation[] = [];
  readonly #slots: Float64Array[] = [];
  readonly #names: string[] = [];
  readonly #inputs: readonly number[];
  readonly #outputs: readonly { readonly slot: number; readonly shape: Shape }[];

  constructor(inputs: readonly Value[], outputs: readonly Value[]) {
    const slots = new Map<Value, number>();
    const slot = (value: Value, name: string, data: Float64Array = new Float64Array(sizeOf(value.shape))): number => {
      slots.set(value, this.#slots.length);
      this.#names.push(name);
      return this.#slots.push(data) - 1;
    };
    this.#inputs = inputs.map((input, at) => slot(input, `x${at + 1}`));
    for (const value of inOrder(outputs)) {
      if (slots.has(value)) continue;
      if (value.step === undefined || value.data !== undefined) {
        slot(value, constant(value), value.data);
        continue;
      }
      const { primitive, inputs: from, options } = value.step;
      this.#operations.push({
        primitive,
        options,
        inputs: from.map((input) => slots.get(input) as number),
        shapes: from.map(({ shape }) => shape),
        out: slot(value, `v${this.#operations.length + 1}`),
      });
    }
    this.#outputs = outputs.map((output) => ({ slot: slots.get(output) as number, shape: output.shape }));
  }

  /** Runs on other numbers of the same shapes. Outputs are copies. */
  run(inputs: readonly Value[]): Numbers[] {
    for (const [at, slot] of this.#inputs.entries()) this.#slots[slot] = (inputs[at] as Value).data as Float64Array;
    for (const { primitive, inputs: from, shapes, options, out } of this.#operations) {
      const operands = from.map((slot) => this.#slots[slot] as Float64Array);
      primitive.compute(operands, this.#slots[out] as Float64Array, shapes, options);
    }
    return this.#outputs.map(({ slot, shape }) => plain(this.#slots[slot] as Float64Array, shape));
  }

  /** The operations, a line each. */
  toString(): string {
    const lines = this.#operations.map(
      ({ primitive, inputs, out }) =>
        `${this.#names[out]} = ${primitive.name}(${inputs.map((slot) => this.#names[slot]).join(', ')})`,
    );
    return [...lines, `return ${this.#outputs.map(({ slot }) => this.#names[slot]).join(', ')}`].join('\n');
  }
}

function constant({ data, shape }: Value): string {
  return shape.length === 0 ? String(data?.[0]) : `constant${showShape(shape)}`;
}
