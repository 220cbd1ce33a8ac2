/** One request, several who could answer it. */
import { RadonError } from '../problem/error.ts';
import { errorTable } from '../tables/index.ts';
import type { Provider, Providers } from './provider.ts';

/** Asks one provider; the signal ends a request that takes too long. */
export type Ask<T> = (provider: Provider, signal?: AbortSignal) => Promise<T>;

/** Milliseconds a provider has while there is another one. */
export const patienceMs = 3_000;

/** The first answer that is no failure; the last provider's whatever it is, with all the time it takes. */
export async function firstAnswer<T>(
  [provider, ...others]: Providers,
  ask: Ask<T>,
  isFailure: (answer: T, provider: Provider) => boolean,
): Promise<T> {
  const [next, ...rest] = others;
  if (next === undefined) return ask(provider);
  const answer = await withPatience(provider, ask).catch(passedOver);
  if (answer !== undefined && !isFailure(answer, provider)) return answer;
  return firstAnswer([next, ...rest], ask, isFailure);
}

/** What happens to one provider may not happen to the next; what is wrong with the request does. */
function passedOver(error: unknown): undefined {
  if (!(error instanceof RadonError) || errorTable[error.code].http < 500) throw error;
}

/** RadonError NODE_UNREACHABLE for a provider that does not answer in time. */
export async function withPatience<T>(provider: Provider, ask: Ask<T>): Promise<T> {
  const patience = new AbortController();
  const { name } = provider.node;
  const late = () => patience.abort(new RadonError('NODE_UNREACHABLE', { name }));
  const timer = setTimeout(late, patienceMs);
  try {
    return await ask(provider, patience.signal);
  } finally {
    clearTimeout(timer);
  }
}
