import type { Endpoint, Link, LinkEvents, LinkState } from '../link/link.ts';

/** What the owner of a device wants to know of its link beside the datagrams. */
export interface LinkWatcher {
  state(state: LinkState, cause?: Error): void;
  diagnostic(text: string): void;
}

/** The same link, whose state changes and diagnostics also reach a watcher, after whoever is attached. */
export function watchLink(link: Link, watcher: LinkWatcher): Link {
  return {
    name: link.name,
    timing: link.timing,
    remote: link.remote,
    get counters() {
      return link.counters;
    },
    get state() {
      return link.state;
    },
    attach: (events) => link.attach(shareEvents(events, watcher)),
    endpoint: (address, port) => link.endpoint(address, port),
    send: (to: Endpoint, bytes: Uint8Array, start: number, end: number) => link.send(to, bytes, start, end),
    flush: () => link.flush(),
    close: () => link.close(),
    [Symbol.asyncDispose]: () => link.close(),
  };
}

function shareEvents(events: LinkEvents, watcher: LinkWatcher): LinkEvents {
  return {
    datagrams: (batch) => events.datagrams(batch),
    state(state, cause) {
      events.state?.(state, cause);
      watcher.state(state, cause);
    },
    diagnostic(text) {
      events.diagnostic?.(text);
      watcher.diagnostic(text);
    },
  };
}
