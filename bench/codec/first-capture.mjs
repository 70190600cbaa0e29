// Prints what the first capture of a process takes, in ms, the codec's import apart.
import { Session } from '@jobloom/codec';

const factor = 10;
const config = { rows: [1, 2, 3] };
const helper = (x) => factor * x;
const start = performance.now();
const frame = new Session({ role: 'caller' }).encode((x) => helper(x) + config.rows.length);
const ms = performance.now() - start;
if (frame.codes.length === 0) throw new Error('nothing was captured');
console.log(ms);
