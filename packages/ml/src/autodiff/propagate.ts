import { add } from './operations.ts';
import type { Application } from './primitive.ts';
import type { Value } from './value.ts';

/** Values that the outputs are made of, each after what it is made of, as they were computed. */
export function inOrder(outputs: readonly Value[]): Value[] {
  const order: Value[] = [];
  const seen = new Set<Value>();
  const stack: { readonly value: Value; next: number }[] = [];
  for (const output of outputs) {
    if (!seen.has(output)) stack.push({ value: output, next: 0 });
    seen.add(output);
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const input = top.value.step?.inputs[top.next];
      top.next += 1;
      if (input === undefined) {
        order.push(top.value);
        stack.pop();
      } else if (!seen.has(input)) {
        seen.add(input);
        stack.push({ value: input, next: 0 });
      }
    }
  }
  return order;
}

/** Forward mode: the tangents of all values between inputs with tangents and the output. */
export function forward(output: Value, tangents: ReadonlyMap<Value, Value>): Map<Value, Value> {
  const found = new Map(tangents);
  for (const value of inOrder([output])) {
    const application = applicationOf(value);
    if (application === undefined || found.has(value)) continue;
    const { primitive } = value.step as NonNullable<Value['step']>;
    for (const [at, input] of application.inputs.entries()) {
      const tangent = found.get(input);
      const pushed = tangent && primitive.pushForward(at, tangent, application);
      if (pushed !== undefined) gather(found, value, pushed);
    }
  }
  return found;
}

/** Reverse mode: the cotangents of all values between the inputs and the output, from that of the output. */
export function backward(output: Value, cotangent: Value, inputs: readonly Value[]): Map<Value, Value> {
  const order = inOrder([output]);
  const needed = new Set(inputs);
  for (const value of order) if (value.step?.inputs.some((input) => needed.has(input))) needed.add(value);
  const found = new Map([[output, cotangent]]);
  for (const value of order.reverse()) {
    const own = found.get(value);
    const application = applicationOf(value);
    if (own === undefined || application === undefined || !needed.has(value)) continue;
    const { primitive } = value.step as NonNullable<Value['step']>;
    for (const [at, input] of application.inputs.entries()) {
      const pulled = needed.has(input) ? primitive.pullBack(at, own, application) : undefined;
      if (pulled !== undefined) gather(found, input, pulled);
    }
  }
  return found;
}

function applicationOf(output: Value): Application | undefined {
  return output.step && { inputs: output.step.inputs, options: output.step.options, output };
}

function gather(found: Map<Value, Value>, value: Value, more: Value): void {
  const before = found.get(value);
  found.set(value, before === undefined ? more : add(before, more));
}
