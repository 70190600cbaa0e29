import { parentPort } from 'node:worker_threads';
import { BeatWatch } from './beat-watch.ts';
import type { BeatOrder, BeatReport } from './messages.ts';

/** The helper thread: beats to all daemons of its process, whatever the thread that uses them is doing. */

const watches = new Map<number, BeatWatch>();

parentPort?.on('message', (order: BeatOrder) => {
  const { id } = order;
  if (order.type === 'forget') {
    watches.get(id)?.stop();
    watches.delete(id);
    return;
  }
  const lose = (why: string): void => {
    watches.delete(id);
    parentPort?.postMessage({ id, why } satisfies BeatReport);
  };
  watches.set(id, new BeatWatch(order.peer, order.heard, lose));
});
