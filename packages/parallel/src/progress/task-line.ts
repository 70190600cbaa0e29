import type { ConsoleLine } from '@jobloom/backends';
import { terminal } from './terminal.ts';

/** Prints what a task printed, `[task 3] text`, on the stream it wrote to and above the bar, where there is one. */
export function printTaskLine(index: number, { stream, text }: ConsoleLine): void {
  terminal.line(`[task ${index}] ${text}`, process[stream]);
}
