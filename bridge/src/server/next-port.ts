import { RadonError } from '../problem/error.ts';

/** A busy port is followed by the next one, this often. */
const attempts = 20;
const lastPort = 65_535;

/** Listens on the first free port from `first` on; 0 leaves the choice to the system. RadonError ADDRESS_IN_USE. */
export async function listenOnNextPort<T>(
  host: string,
  first: number,
  listen: (port: number) => Promise<T>,
): Promise<T> {
  const last = first === 0 ? 0 : Math.min(first + attempts - 1, lastPort);
  for (let port = first; ; port += 1) {
    try {
      return await listen(port);
    } catch (error) {
      if (!isAddressInUse(error)) throw error;
      if (port >= last)
        throw new RadonError('ADDRESS_IN_USE', { name: `${host}:${first}` }, { cause: error });
    }
  }
}

function isAddressInUse(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
}
