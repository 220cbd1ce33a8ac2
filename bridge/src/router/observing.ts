/** Observations that atoms ask for: an answer must come, also when the node is away. */
import { problemReply, type RadonError } from '../problem/index.ts';
import type { NodeResponse, Observation, ObservationListener } from '../registry/node.ts';

/** An observation that is over before it began: `end` is told after this call. */
export function endSoon(listener: ObservationListener, response: NodeResponse): Observation {
  let isClosed = false;
  queueMicrotask(() => {
    if (!isClosed) listener.end(response);
  });
  return {
    close() {
      isClosed = true;
    },
  };
}

/** Observes; a loss before the first representation ends it with `lost`, since whoever asked waits for an answer. */
export function observePresent(
  lost: RadonError,
  listener: ObservationListener,
  open: (listener: ObservationListener) => Observation,
): Observation {
  let isAnswered = false;
  const observation = open({
    next(response) {
      isAnswered = true;
      listener.next(response);
    },
    lost() {
      if (isAnswered) return listener.lost();
      observation.close();
      listener.end(problemReply(lost));
    },
    back: () => listener.back(),
    end: (response) => listener.end(response),
  });
  return observation;
}
