/** A primitive as text: other text for any other value. Undefined for objects and functions. */
export function primitiveText(value: unknown): string | undefined {
  switch (typeof value) {
    case 'number':
      return `number ${Object.is(value, -0) ? '-0' : String(value)}`;
    case 'bigint':
      return `bigint ${value}`;
    case 'string':
      return `string ${value}`;
    case 'boolean':
    case 'undefined':
      return String(value);
    case 'symbol':
      return `symbol ${Symbol.keyFor(value) === undefined ? 'own' : 'registered'} ${value.description ?? ''}`;
    default:
      return value === null ? 'null' : undefined;
  }
}
