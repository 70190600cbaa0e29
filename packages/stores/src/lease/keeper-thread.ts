import { parentPort } from 'node:worker_threads';
import type { KeeperOrder, KeeperReport, RenewerModule } from './messages.ts';
import { RenewalLoop } from './renewal-loop.ts';

/** The helper thread: renews every lease of its process, whatever the thread that holds it is doing. */

const loops = new Map<number, RenewalLoop>();

parentPort?.on('message', (order: KeeperOrder) => {
  const { store } = order;
  switch (order.type) {
    case 'open': {
      const renewer = import(order.module).then((module: RenewerModule) => module.openRenewer(order.config));
      const onFault = (message: string): void => report({ type: 'fault', store, message });
      loops.set(store, new RenewalLoop(renewer, { onFault, onLost: (id) => report({ type: 'lost', store, id }) }));
      return;
    }
    case 'keep':
      loops.get(store)?.keep(order.id, order.lease);
      return;
    case 'drop':
      void loops
        .get(store)
        ?.drop(order.id)
        .then(() => report({ type: 'dropped', store, id: order.id }));
      return;
    case 'close':
      void loops.get(store)?.close();
      loops.delete(store);
      return;
  }
});

function report(message: KeeperReport): void {
  parentPort?.postMessage(message);
}
