// biome-ignore-all lint/suspicious/noTemplateCurlyInString: sources of programs
import fc from 'fast-check';

/** Few names, so that they meet. */
const NAMES = ['a', 'b', 'c', 'd', 'e'];
/** Beyond this depth the first way is taken, which ends soon. */
const DEPTH = { maxDepth: 7, depthIdentifier: 'program', withCrossShrink: true } as const;
const name = fc.constantFrom(...NAMES);
const list = (part: fc.Arbitrary<string>, most: number, between = ', '): fc.Arbitrary<string> =>
  fc.array(part, { maxLength: most }).map((parts) => parts.join(between));
const join = (...parts: (string | fc.Arbitrary<string>)[]): fc.Arbitrary<string> =>
  fc.tuple(...parts.map((part) => (typeof part === 'string' ? fc.constant(part) : part))).map((all) => all.join(''));

/**
 * Programs over a small grammar: every way to declare a name and to use one. They are to be read, not run.
 * @param blockFunctions functions may stand in blocks, which in sloppy code eslint-scope has otherwise than V8
 */
export function randomPrograms(blockFunctions: boolean): fc.Arbitrary<string> {
  const { program } = fc.letrec<Record<'program' | Part, string>>((tie) => {
    const expr = tie('expr');
    const pattern = tie('pattern');
    const target = tie('target');
    const statement = tie('statement');
    const block = tie('block');
    const params = tie('params');
    const callable = join(params, ' { ', fc.constantFrom('', 'arguments; '), tie('top'), tie('top'), '}');
    const method = fc.oneof(
      DEPTH,
      join(name, '() {}'),
      join(name, callable),
      join('[', expr, ']', callable),
      join('async *', name, callable),
      join('get ', name, '() { return ', expr, '; }'),
    );
    const member = fc.oneof(
      DEPTH,
      join(name, ';'),
      method,
      join('static ', method),
      join(name, ' = ', expr, ';'),
      join('static [', expr, '] = ', expr, ';'),
      join('static { ', statement, '}'),
    );
    const classTail = join(fc.oneof(fc.constant(''), join(' extends (', expr, ')')), ' { ', member, member, ' }');
    const declaration = join(
      fc.constantFrom('var ', 'let ', 'const '),
      fc.oneof(join(name, ' = ', expr), join(pattern, ' = ', expr)),
      ';',
    );
    const named = fc.oneof(join('function ', name, callable), join('class ', name, classTail));
    return {
      program: fc.array(tie('top'), { minLength: 1, maxLength: 5 }).map((parts) => parts.join('\n')),
      top: fc.oneof(DEPTH, statement, statement, named).map((text) => `${text}\n`),
      params: join('(', list(fc.oneof(pattern, join(pattern, ' = ', expr)), 2), ')'),
      block: join('{ ', statement, statement, '}'),
      statement: fc.oneof(
        DEPTH,
        join(expr, ';'),
        declaration,
        ...(blockFunctions ? [named] : [join('class ', name, classTail)]),
        block,
        join('if (', expr, ') ', block, ' else ', block),
        join('for (', fc.constantFrom('var ', 'let '), name, ' = ', expr, '; ', expr, '; ', expr, ') ', block),
        join('for (', fc.constantFrom('var ', 'let ', 'const '), pattern, ' of ', expr, ') ', block),
        join('for (', target, ' in ', expr, ') ', block),
        join('try ', block, ' catch ', fc.oneof(fc.constant(''), join('(', pattern, ') ')), block),
        join('switch (', expr, ') { case ', expr, ': ', statement, ' default: ', statement, ' }'),
        join('while (', expr, ') ', block),
        join(name, ': ', expr, ';'),
      ),
      pattern: fc.oneof(
        DEPTH,
        name,
        join('{ ', name, ' = ', expr, ', ', name, ': ', pattern, ', ...', name, ' }'),
        join('{ [', expr, ']: ', pattern, ' }'),
        join('[', pattern, ', , ...', pattern, ']'),
      ),
      target: fc.oneof(
        DEPTH,
        name,
        join(name, '.', name),
        join('[', tie('target'), ', ...', tie('target'), ']'),
        join('[', tie('target'), ' = ', expr, ']'),
      ),
      expr: fc.oneof(
        DEPTH,
        name,
        fc.constantFrom('1', 'this', '/a/g', 'undefined'),
        join(name, '.', name),
        join('(', expr, ')[', expr, ']'),
        join('(', expr, ')?.(', expr, ')'),
        join('(', name, fc.constantFrom(' = ', ' += ', ' ??= '), expr, ')'),
        join('([', tie('target'), ', ', tie('target'), '] = ', expr, ')'),
        join('({ ', name, ': ', tie('target'), ' } = ', expr, ')'),
        join('(', name, '++)'),
        join('`', name, '${', expr, '}`'),
        join('(typeof ', name, ')'),
        join('({ ', name, ', [', expr, ']: ', expr, ', ', method, ' })'),
        join('(', params, ' => (', expr, '))'),
        join('(async ', params, ' => { ', statement, '})'),
        join('(function ', fc.oneof(fc.constant(''), name), callable, ')'),
        join('(class ', fc.oneof(fc.constant(''), name), classTail, ')'),
      ),
    };
  });
  return program;
}

type Part = 'top' | 'params' | 'block' | 'statement' | 'pattern' | 'target' | 'expr';
