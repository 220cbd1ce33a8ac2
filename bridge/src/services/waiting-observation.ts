import type { NodeResponse, Observation, ObservationListener } from '../registry/node.ts';
import { refreshMs } from './provider-source.ts';

/**
 * An observation that waits where there is nothing to observe: in place of the end it tells that it is lost, and begins
 * anew when `watch` tells of a change, or after a while.
 */
export function observeWaiting<Told extends NodeResponse>(
  open: (listener: ObservationListener<Told>) => Observation,
  watch: (changed: () => void) => () => void,
  listener: ObservationListener<Told>,
): Observation {
  let observation: Observation | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isLost = false;

  function lose(): void {
    if (!isLost) listener.lost();
    isLost = true;
  }

  function begin(): void {
    clearTimeout(timer);
    timer = undefined;
    observation = open({
      next(response) {
        if (isLost) listener.back();
        isLost = false;
        listener.next(response);
      },
      lost: lose,
      back() {},
      end() {
        timer = setTimeout(begin, refreshMs);
        lose();
      },
    });
  }

  begin();
  const stopWatching = watch(() => timer !== undefined && begin());
  return {
    close() {
      clearTimeout(timer);
      timer = undefined;
      stopWatching();
      observation?.close();
    },
  };
}
