import { createMailbox } from './deadline.ts';

export interface StreamEvent {
  /** `message` where the server names none. */
  readonly event: string;
  readonly data: string;
}

export interface EventStream {
  next(withinMs?: number): Promise<StreamEvent>;
  close(): void;
}

/** Reads server-sent events over one HTTP response that is never opened again. */
export async function openEventStream(url: string): Promise<EventStream> {
  const end = new AbortController();
  const response = await fetch(url, { headers: { accept: 'text/event-stream' }, signal: end.signal });
  if (!response.ok || response.body === null) throw new Error(`${url} answered ${response.status}`);
  const events = createMailbox<StreamEvent>(`an event of ${url}`);
  void readEvents(response.body, events.put).catch(() => undefined);
  return { next: (withinMs) => events.take(withinMs), close: () => end.abort() };
}

async function readEvents(body: AsyncIterable<Uint8Array>, put: (event: StreamEvent) => void) {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of body) {
    text += decoder.decode(chunk, { stream: true });
    const blocks = text.split('\n\n');
    text = blocks.pop() ?? '';
    for (const block of blocks) {
      const event = parseEvent(block);
      if (event !== undefined) put(event);
    }
  }
  put({ event: 'closed', data: '' });
}

/** Undefined for a comment. */
function parseEvent(block: string): StreamEvent | undefined {
  const fields = new Map(block.split('\n').map((line) => line.split(/: (.*)/s, 2) as [string, string]));
  const data = fields.get('data');
  return data === undefined ? undefined : { event: fields.get('event') ?? 'message', data };
}
