/** Streams of the bridge over one WebSocket that opens itself again: docs/reference/http.md#websockets. */

export interface StreamListener {
  value(data: unknown): void;
  lost?(): void;
  back?(): void;
  /** The bridge or the node ended it; it is tried again after a while. */
  end?(detail: string): void;
}

export interface Live {
  /** The result ends the stream. */
  subscribe(path: string, listener: StreamListener): () => void;
}

interface Subscription {
  readonly path: string;
  readonly listener: StreamListener;
}

interface Message {
  readonly subscription: number;
  readonly data?: unknown;
  readonly event?: 'lost' | 'back' | 'end';
  readonly detail?: string;
}

const firstRetryMs = 250;
const longestRetryMs = 5_000;
/** A stream that was refused or ended is asked for again after this long. */
const askAgainMs = 5_000;

/** `changed` hears whether the connection is there. */
export function openLive(changed: (isOpen: boolean) => void): Live {
  const subscriptions = new Map<number, Subscription>();
  let socket: WebSocket | undefined;
  let lastNumber = 0;
  let retryMs = firstRetryMs;

  function say(message: object): void {
    if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
  }

  function subscribeNow(number: number): void {
    const subscription = subscriptions.get(number);
    if (subscription !== undefined) say({ subscribe: number, path: subscription.path });
  }

  function receive(message: Message): void {
    const subscription = subscriptions.get(message.subscription);
    if (subscription === undefined) return;
    const { listener } = subscription;
    if (message.event === undefined) listener.value(message.data);
    else if (message.event !== 'end') listener[message.event]?.();
    else {
      listener.end?.(message.detail ?? '');
      setTimeout(() => subscribeNow(message.subscription), askAgainMs);
    }
  }

  function connect(): void {
    const opening = new WebSocket(`${location.origin.replace(/^http/, 'ws')}/live`);
    socket = opening;
    opening.onopen = () => {
      retryMs = firstRetryMs;
      changed(true);
      for (const number of subscriptions.keys()) subscribeNow(number);
    };
    opening.onmessage = ({ data }) => receive(JSON.parse(String(data)) as Message);
    opening.onclose = () => {
      changed(false);
      setTimeout(connect, retryMs);
      retryMs = Math.min(2 * retryMs, longestRetryMs);
    };
  }

  connect();
  return {
    subscribe(path, listener) {
      lastNumber += 1;
      const number = lastNumber;
      subscriptions.set(number, { path, listener });
      subscribeNow(number);
      return () => {
        subscriptions.delete(number);
        say({ unsubscribe: number });
      };
    },
  };
}
