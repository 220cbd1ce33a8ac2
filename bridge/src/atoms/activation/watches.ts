import { abiError, ioEdges } from '../../tables/index.ts';
import { Signal } from './signal.ts';

/** What an instance asked to hear of one of its channels. */
export interface Watch {
  readonly handle: number;
  edges: number;
  readonly signal: Signal;
  /** Edge and value of the newest matching reading. */
  edge: number;
  value: number;
}

/** The watches of one instance, by handle. */
export class Watches {
  readonly all: readonly Watch[];

  constructor(handles: number) {
    this.all = Array.from({ length: handles }, (_, handle) => {
      return { handle, edges: 0, signal: new Signal(), edge: 0, value: 0 };
    });
  }

  set(handle: number, edges: number): number {
    const watch = this.all[handle];
    if (watch === undefined) return abiError.E_ARG;
    watch.edges = edges;
    if (edges === ioEdges.OFF) watch.signal.forget();
    return 0;
  }

  /** A new reading of a channel; true when it made an event or renewed one. */
  reading(handle: number, before: number, value: number, nextPlace: () => number): boolean {
    const watch = this.all[handle];
    const edge = value > before ? ioEdges.RISING : value < before ? ioEdges.FALLING : ioEdges.SAME;
    if (watch === undefined || (watch.edges & edge) === 0) return false;
    if (!watch.signal.waiting) watch.signal.raise(nextPlace());
    watch.edge = edge;
    watch.value = value;
    return true;
  }
}
