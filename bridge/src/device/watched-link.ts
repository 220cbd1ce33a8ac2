import type { Link, LinkState } from '../link/link.ts';

/** What the owner of a device wants to know of its link beside the datagrams. */
export interface LinkWatcher {
  state(state: LinkState, cause?: Error): void;
  diagnostic(text: string): void;
}

/** The same link, whose state changes and diagnostics also reach a watcher, after whoever is attached. */
export function watchLink(link: Link, watcher: LinkWatcher): Link {
  return Object.create(link, {
    attach: {
      value: (events: Parameters<Link['attach']>[0]) =>
        link.attach({
          datagrams: (batch) => events.datagrams(batch),
          state(state, cause) {
            events.state?.(state, cause);
            watcher.state(state, cause);
          },
          diagnostic(text) {
            events.diagnostic?.(text);
            watcher.diagnostic(text);
          },
        }),
    },
  }) as Link;
}
