import type { Effects } from './effects.ts';
import type { MessageLayer } from './layer-state.ts';

/** What client and server share of a context. */
export interface LayerHost {
  readonly layer: MessageLayer;
  readonly out: Effects;
  readonly now: () => number;
  /** To be called after the layer was used from outside a step: events are handed on and datagrams sent, soon. */
  readonly kick: () => void;
  /** Calls back once at a time; returns a function that cancels. */
  readonly wakeAt: (atMs: number, wake: () => void) => () => void;
}
