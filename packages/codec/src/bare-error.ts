/** An error that has nothing of its own, made without looking at the stack. */
export function bareError(): Error {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  const error = new Error();
  Error.stackTraceLimit = stackTraceLimit;
  return error;
}
