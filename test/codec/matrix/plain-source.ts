import { transform } from 'esbuild';

/** A TypeScript module as someone would write it in JavaScript: types gone, file names of JavaScript, and `require` for CommonJS. */
export async function plainSource(text: string, format: 'esm' | 'cjs'): Promise<string> {
  const { code } = await transform(text, { loader: 'ts', format: 'esm', target: 'node20' });
  const named = code.replace(/(["']\.\/[\w-]+)\.ts(["'])/g, format === 'esm' ? '$1.mjs$2' : '$1.cjs$2');
  return format === 'esm' ? named : `'use strict';\n${toCommonJs(named)}`;
}

function toCommonJs(text: string): string {
  const exported: string[] = [];
  const body = text
    .replace(/^import (.+?) from (".+?");$/gms, (_, clause: string, specifier: string) => required(clause, specifier))
    .replace(/^export \{(.*?)\};$/gms, (_, list: string) => {
      exported.push(
        ...list
          .split(',')
          .map((each) => each.trim())
          .filter((each) => each !== ''),
      );
      return '';
    });
  const members = exported.map((each) => {
    const [local, name = local] = each.split(' as ');
    return `exports.${name} = ${local};`;
  });
  return `${body}\n${members.join('\n')}\n`;
}

/** An import as `require`: packages and Node’s modules are what they export, files of ours have a default member. */
function required(clause: string, specifier: string): string {
  const namespace = /^\* as (\w+)$/.exec(clause)?.[1];
  const own = /^(\w+)/.exec(clause)?.[1];
  const names = /\{(.*)\}/s.exec(clause)?.[1]?.replace(/ as /g, ': ');
  const call = `require(${specifier})`;
  if (namespace !== undefined) return `const ${namespace} = ${call};`;
  const lines: string[] = [];
  if (own !== undefined) lines.push(`const ${own} = ${specifier.startsWith('"./') ? `${call}.default` : call};`);
  if (names !== undefined) lines.push(`const {${names}} = ${call};`);
  return lines.join(' ');
}
