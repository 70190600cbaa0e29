import { freeVariables } from '../../../packages/codec/src/free-variables.ts';
import { parseFunction } from '../../../packages/codec/src/source.ts';

/**
 * What a function takes from outside, in a line: names, `name=` for one that it assigns, `name{a,b}` for one of
 * which it only reads members, `^this` for things of the function around, `!eval`, private names, `@import`.
 */
export function describeFree(text: string, strict: boolean): string {
  const { variables, outer, evals, privateNames, imports } = freeVariables(parseFunction(text, strict).node, strict);
  const names = [...variables].map(
    ([name, { written, members }]) =>
      name + (written ? '=' : '') + (members === undefined ? '' : `{${[...members].sort().join()}}`),
  );
  const things = [...outer].map((thing) => `^${thing}`);
  const modules = imports.map(({ type }) => (type === 'MetaProperty' ? '@import.meta' : '@import'));
  return [...names.sort(), ...things.sort(), ...(evals ? ['!eval'] : []), ...privateNames, ...modules].join(' ');
}
