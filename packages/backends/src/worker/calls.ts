import { type ArgsRef, type Packet, type RunMessage, readNumbers } from '../pool/messages.ts';
import type { Functions, Rebuilt } from './functions.ts';

/** Makes the call at a position. */
export type MakeCall = (index: number) => unknown;

/** The calls of a run; a promise while packages that its arguments need are loaded. */
export function callsOf(
  packet: Packet<RunMessage>,
  built: readonly Rebuilt[],
  functions: Functions,
): MakeCall | Promise<MakeCall> {
  const { args } = packet.message;
  return args.kind === 'values' ? valueCall(packet, args, built, functions) : numberCall(packet, args, built);
}

/** Calls whose arguments are all numbers. */
function numberCall(
  packet: Packet<RunMessage>,
  args: ArgsRef & { kind: 'few' | 'numbers' },
  built: readonly Rebuilt[],
): MakeCall {
  const numbers = args.kind === 'few' ? args.numbers : readNumbers(packet, args.part);
  const { which } = packet.message;
  const { arity } = args;
  const [only] = built as [Rebuilt];
  if (which !== undefined)
    return (index) => (built[which[index] as number] as Rebuilt)(...numbers.slice(index * arity, (index + 1) * arity));
  if (arity === 1) return (index) => only(numbers[index]);
  if (arity === 2) return (index) => only(numbers[2 * index], numbers[2 * index + 1]);
  return (index) => only(...numbers.slice(index * arity, (index + 1) * arity));
}

/** Calls with any arguments; a promise while packages that the arguments need are loaded. */
function valueCall(
  packet: Packet<RunMessage>,
  args: ArgsRef & { kind: 'values' },
  built: readonly Rebuilt[],
  functions: Functions,
): MakeCall | Promise<MakeCall> {
  const { scope, attempt = 1, settings } = packet.message;
  const session = functions.session(scope, settings?.functionResults);
  const frame = functions.read(packet, args.frame, scope, attempt > 1);
  const decode = (): MakeCall => listCall(session.decode(frame) as unknown[][], packet.message.which, built);
  return frame.modules.length > 0 ? session.load(frame.modules).then(decode) : decode();
}

function listCall(
  lists: readonly unknown[][],
  which: readonly number[] | undefined,
  built: readonly Rebuilt[],
): MakeCall {
  const [only] = built as [Rebuilt];
  if (which === undefined) return (index) => only(...(lists[index] as unknown[]));
  return (index) => (built[which[index] as number] as Rebuilt)(...(lists[index] as unknown[]));
}
