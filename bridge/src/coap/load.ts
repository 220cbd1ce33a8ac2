/** Load through CoAP clients over any links. */
import { generateLoad, type LoadClient, type LoadResult, type LoadSettings } from '../load/index.ts';
import { codeClass, formatCode } from './codes.ts';
import { CoapError } from './errors.ts';
import type { ClientRequest, CoapClient } from './types.ts';

export type { LoadResult } from '../load/index.ts';

export interface LoadOptions extends LoadSettings {
  /**
   * Makes a client; called once for each. A UDP socket for every one counts as many endpoints; on a link that has only one
   * owner all share a context, whose NSTART then limits them.
   */
  readonly connect: (client: number) => Promise<CoapClient>;
  /** Leaves the clients open at the end. */
  readonly keepOpen?: boolean;
  readonly request: ClientRequest;
}

/** Runs a load to its end; an abort ends it early with what there is. */
export async function runLoad(options: LoadOptions): Promise<LoadResult> {
  const { connect, keepOpen, request, ...settings } = options;
  const { result, cause } = await generateLoad({
    ...settings,
    connect: async (client) => createCoapLoadClient(await connect(client), request, keepOpen),
  });
  if (cause !== undefined) throw cause;
  return result;
}

/** Makes the same request again and again. What is no `CoapError`, such as a socket that cannot be opened, is thrown. */
export function createCoapLoadClient(
  client: CoapClient,
  request: ClientRequest,
  keepOpen = false,
): LoadClient {
  return {
    async request(signal) {
      let retransmissions = 0;
      const onRetransmit = (): void => {
        retransmissions += 1;
      };
      try {
        const { code, payload } = await client.request(request, { signal, onRetransmit });
        const isError = codeClass(code) !== 2;
        return { code: formatCode(code), isError, bytes: payload.length, retransmissions };
      } catch (error) {
        if (!(error instanceof CoapError)) throw error;
        const failure = error.code === 'ABORTED' ? {} : { failure: error.code };
        return { ...failure, isError: true, bytes: 0, retransmissions };
      }
    },
    close: async () => {
      if (!keepOpen) await client.close();
    },
  };
}
