/** What waits for the listener of a stream, in order: the newest value and the newest notice at most. */
import type { EventFormat, Notice } from './event-format.ts';
import type { StreamSink } from './message.ts';

export interface EventChannel {
  /** `href`: where the value comes from, of a stream whose path does not say so. */
  put(data: () => string, href?: string): void;
  say(event: Exclude<Notice, 'end'>): void;
  /** The last event; ends the connection. */
  end(members: { readonly title: string; readonly detail: string }): void;
  /** Begins to write; the result, which calls `closed` too, is for when the listener has gone. */
  attach(sink: StreamSink, closed: () => void): () => void;
}

export interface EventChannelOptions {
  readonly format: EventFormat;
  /** The bridge's sequence of event ids. */
  readonly nextId: () => number;
  /** Milliseconds between two signs of life (default 15,000). */
  readonly keepAliveMs?: number | undefined;
}

interface Waiting {
  readonly kind: 'value' | 'notice';
  /** `left`: values left out since the last one. */
  readonly text: (left: number) => string;
}

const defaultKeepAliveMs = 15_000;
/** A listener that lets this many bytes wait is disconnected. */
export const maxBufferedBytes = 1024 * 1024;

export function createEventChannel(options: EventChannelOptions): EventChannel {
  const { format, nextId, keepAliveMs = defaultKeepAliveMs } = options;
  let waiting: readonly Waiting[] = [];
  let left = 0;
  let provider: string | undefined;
  let canWrite = true;
  let sink: StreamSink | undefined;

  function flush(): void {
    if (sink === undefined || !canWrite || waiting.length === 0) return;
    const entries = waiting;
    const before = left;
    waiting = [];
    left = 0;
    for (const { text } of entries) canWrite = sink.write(text(before));
    if (sink.bufferedBytes > maxBufferedBytes) sink.end();
  }

  function add(entry: Waiting): void {
    const kept = waiting.filter(({ kind }) => kind !== entry.kind);
    if (entry.kind === 'value' && kept.length < waiting.length) left += 1;
    waiting = [...kept, entry];
    flush();
  }

  /** Told with the first value of each provider. */
  function newsOf(href: string | undefined): { readonly href?: string } {
    if (href === undefined || href === provider) return {};
    provider = href;
    return { href };
  }

  function startKeepAlive(to: StreamSink): NodeJS.Timeout | undefined {
    const { alive } = format;
    if (alive === undefined) return undefined;
    return setInterval(() => {
      if (canWrite) canWrite = to.write(alive);
    }, keepAliveMs);
  }

  return {
    put(data, href) {
      const id = nextId();
      add({ kind: 'value', text: (left) => format.value({ id, data: data(), left, ...newsOf(href) }) });
    },
    say(event) {
      add({ kind: 'notice', text: () => format.notice(event, {}) });
    },
    end(members) {
      canWrite = true;
      add({ kind: 'notice', text: () => format.notice('end', members) });
      sink?.end();
    },
    attach(attached, closed) {
      sink = attached;
      attached.onDrain(() => {
        canWrite = true;
        flush();
      });
      const timer = startKeepAlive(attached);
      flush();
      return () => {
        clearInterval(timer);
        closed();
      };
    },
  };
}
