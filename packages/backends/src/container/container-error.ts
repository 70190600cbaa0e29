import { JobloomError } from '@jobloom/codec';

/** Why a container ended, or did not come to run; closed list. */
export type ContainerReason =
  /** The kernel ended the worker at the container's memory limit, or it came no further there. */
  | 'out-of-memory'
  /** A signal ended the worker, or somebody ended the container. */
  | 'killed'
  /** The worker ended by itself. */
  | 'exited'
  /** It was silent for too long. */
  | 'unresponsive'
  /** The image is not at the engine. */
  | 'image-missing'
  /** The image has no Node, no jobloom, or another version of it. */
  | 'image-unfit'
  /** The engine refused to start it. */
  | 'refused'
  /** The engine cannot be reached, or the connection to it broke. */
  | 'engine-gone';

/** How a container ended, as the error or the cause of one. */
export class ContainerError extends JobloomError {
  readonly reason: ContainerReason;
  /** The last lines that it wrote, the latest last. */
  readonly lastLines: readonly string[];
  /** Its name or id at the engine. */
  readonly container: string;

  constructor(
    reason: ContainerReason,
    message: string,
    details: { readonly container?: string; readonly lastLines?: readonly string[]; readonly cause?: unknown } = {},
  ) {
    const { container = '', lastLines = [], cause } = details;
    const telling = tellingLines(lastLines);
    const said = telling.length === 0 ? '' : `; it wrote last: ${telling.join(' | ')}`;
    super('ERR_CONTAINER', `${message}${said}`, { cause });
    this.reason = reason;
    this.lastLines = lastLines;
    this.container = container;
  }
}

/** Lines in the message; `lastLines` has all that are kept. */
const SHOWN = 3;

/** The last lines, or those before them that name an error: a stack follows it. */
function tellingLines(lines: readonly string[]): readonly string[] {
  const written = lines.filter((line) => line.trim() !== '');
  const at = written.findLastIndex((line) => /\b\w*Error\b.*: /.test(line));
  return at < 0 ? written.slice(-SHOWN) : written.slice(at, at + 1);
}
