/** A task that ends its own process leaves no time for 'exit': what is known goes out first. */
export function tellBeforeDeath(tell: () => void): void {
  const { kill, abort } = process;
  process.kill = (pid, signal) => {
    if (pid === process.pid && signal !== 0) tell();
    return kill.call(process, pid, signal);
  };
  process.abort = () => {
    tell();
    return abort.call(process);
  };
}
