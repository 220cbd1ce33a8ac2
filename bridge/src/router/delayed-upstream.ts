/** While the bridge starts, nodes come one after the other: what atoms ask waits until they are there. */
import type { Observation, Upstream } from '../registry/node.ts';

/** The same upstream, which is asked nothing before `started` resolves. */
export function createDelayedUpstream(upstream: Upstream, started: Promise<void>): Upstream {
  return {
    async request(request, signal) {
      await started;
      return upstream.request(request, signal);
    },
    observe(request, listener) {
      let observation: Observation | undefined;
      let isClosed = false;
      void started.then(() => {
        if (!isClosed) observation = upstream.observe(request, listener);
      });
      return {
        close() {
          isClosed = true;
          observation?.close();
        },
      };
    },
  };
}
