import type { Verdict } from '../cases/run-cases.ts';
import type { NodeBinary } from './nodes.ts';
import type { Cell } from './run-origin.ts';

const SIGNS: Readonly<Record<Verdict['verdict'], string>> = { ok: '+', limit: 'L', na: '-', fail: 'F' };
const MISSING = '?';

/** Prints the table of cases by Node and origin, then reasons and failures. Gives the exit code. */
export function printTable(nodes: readonly NodeBinary[], cells: readonly Cell[], allNodes: boolean): number {
  const [apart, together] = [cells.filter(({ origin }) => origin.apart), cells.filter(({ origin }) => !origin.apart)];
  for (const part of [together, apart]) if (part.length > 0) printRows(nodes, part);
  return printEnd(nodes, cells, allNodes);
}

function printRows(nodes: readonly NodeBinary[], cells: readonly Cell[]): void {
  const origins = [...new Map(cells.map(({ origin }) => [origin.name, origin])).values()];
  console.log('Origins, one column each within a Node, with threads before processes:');
  for (const [at, { name, title }] of origins.entries()) console.log(`  ${letter(at)}  ${name}: ${title}`);
  console.log(
    `Signs: + as expected, L refused with the exact text that is declared as a limit, - does not apply (reasons below), F failed, ${MISSING} did not run\n`,
  );
  const { rows, width } = rowsOf(cells);
  const columns = origins.length * 2 + origins.length - 1;
  const head = origins.map((_, at) => letter(at).padEnd(2)).join(' ');
  console.log(
    `${''.padEnd(width)}  ${nodes.map(({ major, version }) => (version ?? `v${major}`).padEnd(columns)).join('  ')}`,
  );
  console.log(`${''.padEnd(width)}  ${nodes.map(() => head.padEnd(columns)).join('  ')}`);
  let last = '';
  for (const { section, name } of rows) {
    if (section !== last) console.log(`\n${section}`);
    last = section;
    const marks = nodes.map((node) =>
      origins
        .map((origin) =>
          marksOf(
            cells.find((cell) => cell.node === node && cell.origin === origin),
            section,
            name,
          ),
        )
        .join(' '),
    );
    console.log(`  ${name.padEnd(width - 2)}  ${marks.join('  ')}`);
  }
  console.log('');
}

interface Row {
  readonly section: string;
  readonly name: string;
}

function rowsOf(cells: readonly Cell[]): { readonly rows: readonly Row[]; readonly width: number } {
  const rows = new Map<string, Row>();
  for (const { verdicts } of cells)
    for (const { section, name } of verdicts) rows.set(`${section}\n${name}`, { section, name });
  const order = [...new Set([...rows.values()].map(({ section }) => section))];
  const sorted = [...rows.values()].sort((a, b) => order.indexOf(a.section) - order.indexOf(b.section));
  return { rows: sorted, width: Math.max(20, ...sorted.map(({ name }) => name.length + 2)) };
}

function letter(at: number): string {
  return String.fromCharCode('a'.charCodeAt(0) + at);
}

function marksOf(cell: Cell | undefined, section: string, name: string): string {
  return (['threads', 'processes'] as const)
    .map((backend) => {
      const verdict = cell?.verdicts.find(
        (each) => each.section === section && each.name === name && each.backend === backend,
      );
      return verdict === undefined ? (cell?.skipped === undefined ? MISSING : '-') : SIGNS[verdict.verdict];
    })
    .join('');
}

function printEnd(nodes: readonly NodeBinary[], cells: readonly Cell[], allNodes: boolean): number {
  const listed = (wanted: Verdict['verdict']): Map<string, string[]> => {
    const found = new Map<string, string[]>();
    for (const { node, origin, verdicts } of cells) {
      for (const { verdict, name, backend, detail } of verdicts) {
        if (verdict !== wanted) continue;
        const key = `${name}\n    ${detail}`;
        const where = `${node.major} ${origin.name} ${backend}`;
        found.set(key, [...(found.get(key) ?? []), where]);
      }
    }
    return found;
  };
  const print = (title: string, found: ReadonlyMap<string, readonly string[]>): void => {
    if (found.size > 0) console.log(`\n${title}`);
    for (const [key, where] of found) console.log(`  ${key}\n    (${shortened(where)})`);
  };
  print('Does not apply', listed('na'));
  const skipped = cells.filter((cell) => cell.skipped !== undefined);
  for (const { node, origin, skipped: reason } of skipped)
    if (node.missing === undefined) console.log(`  ${node.major} ${origin.name}: ${reason}`);
  print('Known limits', listed('limit'));
  print('FAILED', listed('fail'));
  for (const { node, origin, broken } of cells)
    if (broken !== undefined) console.log(`\nBROKEN: ${node.major} ${origin.name}\n${broken}`);
  const missing = nodes.filter((node) => node.missing !== undefined);
  for (const { major, missing: reason } of missing) console.log(`\nNode ${major} is not available: ${reason}`);
  const all = cells.flatMap(({ verdicts }) => verdicts);
  const count = (wanted: Verdict['verdict']): number => all.filter(({ verdict }) => verdict === wanted).length;
  const broken = cells.filter((cell) => cell.broken !== undefined).length;
  console.log(
    `\n${all.length} results of ${new Set(all.map(({ section, name }) => `${section} ${name}`)).size} cases: ${count('ok')} as expected, ${count('limit')} known limits, ${count('na')} do not apply, ${count('fail')} failed; ${broken} of ${cells.length - skipped.length} programs broke`,
  );
  return count('fail') > 0 || broken > 0 || all.length === 0 || (allNodes && missing.length > 0) ? 1 : 0;
}

function shortened(where: readonly string[]): string {
  return where.length > 12 ? `${where.slice(0, 12).join(', ')} and ${where.length - 12} more` : where.join(', ');
}
