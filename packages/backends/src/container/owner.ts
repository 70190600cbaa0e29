import { hostname } from 'node:os';
import { isAlive, realm, startOf } from '../process-identity.ts';

/** Labels that every container of jobloom carries. */
export const LABEL = 'jobloom';
const OWNER = `${LABEL}.owner`;

/** Who started a container, so that whoever comes later can tell whether its owner is gone. */
export function labelsOf(run: string): Record<string, string> {
  return {
    [`${LABEL}.run`]: run,
    [`${LABEL}.host`]: hostname(),
    [`${LABEL}.pid`]: `${process.pid}`,
    [OWNER]: `${realm()}-${process.pid}-${startOf(process.pid) ?? 0}`,
  };
}

/** Its owner was a process of this host that is gone. Of owners on other hosts nothing is known. */
export function isOrphan(labels: Readonly<Record<string, string>>): boolean {
  const [of, pid, start = '0'] = (labels[OWNER] ?? '').split('-');
  return of === realm() && !isAlive(Number(pid), start);
}
