/**
 * Runs an action with a signal that fires after `ms`, or with `signal`. `AbortSignal.any` over `AbortSignal.timeout`
 * would say the same, but Node.js 20 may collect the timer before it fires.
 */
export async function withDeadline<T>(
  ms: number,
  signal: AbortSignal,
  action: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const own = new AbortController();
  const stop = () => own.abort(signal.reason);
  const timer = setTimeout(() => own.abort(new Error(`nothing came within ${ms} ms`)), ms);
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  try {
    return await action(own.signal);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
  }
}
