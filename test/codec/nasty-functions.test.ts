import { describe, expect, test } from 'vitest';
import { parseFunction, parseProgram } from '../../packages/codec/src/source.ts';
import { listed, ourFree } from './scopes/compare.ts';
import { cutFunctions } from './scopes/cut-functions.ts';
import { describeFree } from './scopes/describe-free.ts';
import { NASTY } from './scopes/nasty-functions.ts';
import { Oracle } from './scopes/oracle.ts';

describe('what a function takes from outside', () => {
  test.each(NASTY.map((each) => [each.title, each] as const))('%s', (_title, { text, free, strict, deviation }) => {
    expect(describeFree(text, strict)).toBe(free);
    const agrees = listed(ourFree(text, strict)) === eslintFree(text, strict);
    expect(agrees, `eslint-scope: ${eslintFree(text, strict)}`).toBe(deviation === undefined);
  });
});

/** The same by eslint-scope, which reads the text where it may stand. */
function eslintFree(text: string, strict: boolean): string {
  const { form } = parseFunction(text, strict);
  const source = form === 'member' ? `({${text}\n})` : `(${text}\n)`;
  const program = parseProgram(source, strict);
  const [first] = cutFunctions(program, source).sort((a, b) => a.start - b.start);
  if (first === undefined) throw new Error('no function');
  return listed(new Oracle(program, strict).free(first.node, first.key));
}
