const waiting = new Set<() => void>();

/** Has something done when this thread ends in good order, unless what it gives is called before. One listener for all. */
export function atExit(work: () => void): () => void {
  if (waiting.size === 0) process.on('exit', run);
  waiting.add(work);
  return () => {
    waiting.delete(work);
    if (waiting.size === 0) process.off('exit', run);
  };
}

function run(): void {
  for (const work of waiting) work();
}
