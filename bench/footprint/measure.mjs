// One measurement in a process of its own: prints a line of JSON.
import { delayed, Parallel } from '@jobloom/parallel';

const [what, backend] = process.argv.slice(2);
const COUNT = 1_000_000;
const rss = () => process.memoryUsage.rss() / 1e6;
const square = (x) => 10 * x ** 2;
function* tasks() {
  for (let x = 0; x < COUNT; x += 1) yield delayed(square)(x);
}

/** The most that the process holds above now, looked at between turns of the event loop. */
async function growth(work) {
  globalThis.gc();
  const start = rss();
  let most = start;
  const timer = setInterval(() => {
    most = Math.max(most, rss());
  }, 10);
  await work();
  most = Math.max(most, rss());
  clearInterval(timer);
  return most - start;
}

const runner = new Parallel({ backend: backend === 'bare' ? 'sequential' : backend, nJobs: 2 });
if (what === 'generator') {
  await runner.run(Array.from({ length: 200_000 }, (_, x) => delayed(square)(x)));
  let results = [];
  const megabytes = await growth(async () => {
    results = await runner.run(tasks());
  });
  console.log(JSON.stringify({ megabytes: megabytes - (8 * results.length) / 1e6 }));
} else if (what === 'slow-stream') {
  await runner.run(Array.from({ length: 200_000 }, (_, x) => delayed(square)(x)));
  const megabytes = await growth(async () => {
    let seen = 0;
    for await (const _ of runner.stream(tasks()))
      if (++seen % 1000 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  });
  console.log(JSON.stringify({ megabytes }));
} else {
  const factor = 10;
  const start = performance.now();
  if (backend === 'bare') {
    // What a first capture costs by itself, without a worker.
    await new Parallel({ backend: 'sequential' }).run([delayed((x) => factor * x)(1)]);
    const { Session } = await import('@jobloom/codec');
    new Session({ role: 'caller' }).encode((x) => factor * x);
  } else await runner.run([delayed((x) => factor * x)(1)]);
  console.log(JSON.stringify({ milliseconds: performance.now() - start }));
}
await runner.close();
process.exit();
