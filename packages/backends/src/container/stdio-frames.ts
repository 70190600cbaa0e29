const HEADER = 8;
const STDOUT = 1;

/** Takes a container's standard streams apart, as engines send them in one: a byte that says which, and the length. */
export function splitStreams(
  onStdout: (chunk: Buffer) => void,
  onStderr: (chunk: Buffer) => void,
): (chunk: Buffer) => void {
  const header = Buffer.alloc(HEADER);
  let filled = 0;
  let left = 0;
  return (chunk) => {
    let at = 0;
    while (at < chunk.length) {
      if (left === 0) {
        const take = Math.min(HEADER - filled, chunk.length - at);
        chunk.copy(header, filled, at, at + take);
        filled += take;
        at += take;
        if (filled < HEADER) return;
        filled = 0;
        left = header.readUInt32BE(4);
        continue;
      }
      const end = Math.min(chunk.length, at + left);
      (header[0] === STDOUT ? onStdout : onStderr)(chunk.subarray(at, end));
      left -= end - at;
      at = end;
    }
  };
}
