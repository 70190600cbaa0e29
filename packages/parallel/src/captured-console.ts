import type { ConsoleLine } from '@jobloom/backends';
import type { CapturedLine } from './options.ts';
import { printTaskLine } from './progress/task-line.ts';

/** Gives lines that tasks print to a function, or prints them here behind the index of their task. */
export function consoleTeller(
  captureConsole: true | ((line: CapturedLine) => void),
  fail: (error: unknown) => void,
): (index: number, line: ConsoleLine) => void {
  if (captureConsole === true) return printTaskLine;
  return (index, { stream, text }) => {
    try {
      captureConsole({ index, stream, text });
    } catch (error) {
      fail(error); // a listener that throws fails the call, and nothing else
    }
  };
}
