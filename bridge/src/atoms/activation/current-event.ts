import { eventField, eventKind } from '../../tables/index.ts';
import type { GuestExport } from './guest.ts';
import type { Entry } from './inbox.ts';
import type { PendingRequest } from './own-requests.ts';
import type { Signal } from './signal.ts';

export type EventKind = keyof typeof eventKind;

/** What a handler handles. */
export interface CurrentEvent {
  readonly kind: EventKind;
  id: number;
  readonly method: number;
  readonly format: number;
  readonly accept: number;
  readonly correlation: number;
  readonly reason: number;
  readonly handle: number;
  readonly sender: string;
  readonly path: string;
  readonly query: string;
  readonly payload: Uint8Array;
  /** Where it waited in the inbox. */
  readonly entry: Entry | undefined;
  /** What raised it, where it takes no place in the inbox. */
  readonly signal: Signal | undefined;
  /** The own request it answers. */
  readonly request: PendingRequest | undefined;
}

const noBytes = new Uint8Array(0);

/** An event; the fields that are left out are those of an event that has none of its own. */
export function createEvent(kind: EventKind, id: number, parts: Partial<CurrentEvent> = {}): CurrentEvent {
  return {
    kind,
    id,
    method: parts.method ?? 0,
    format: parts.format ?? -1,
    accept: parts.accept ?? -1,
    correlation: parts.correlation ?? 0,
    reason: parts.reason ?? 0,
    handle: parts.handle ?? 0,
    sender: parts.sender ?? '',
    path: parts.path ?? '',
    query: parts.query ?? '',
    payload: parts.payload ?? noBytes,
    entry: parts.entry,
    signal: parts.signal,
    request: parts.request,
  };
}

/** The handler of each kind of event. */
export const handlerOf = {
  START: 'on_start',
  MESSAGE: 'on_message',
  REQUEST: 'on_request',
  RESPONSE: 'on_response',
  TIMER: 'on_timer',
  IO: 'on_io',
  UNDELIVERED: 'on_undelivered',
  STOP: 'on_stop',
  RECOVER: 'on_recover',
} as const satisfies Readonly<Record<EventKind, GuestExport>>;

/** Value of a scalar field of event_get by the field's number, undefined for an unknown one. */
export function eventScalar(event: CurrentEvent, field: number): number | undefined {
  switch (field) {
    case eventField.KIND:
      return eventKind[event.kind];
    case eventField.ID:
      return event.id;
    case eventField.METHOD:
      return event.method;
    case eventField.FORMAT:
      return event.format;
    case eventField.CORRELATION:
      return event.correlation;
    case eventField.REASON:
      return event.reason;
    case eventField.HANDLE:
      return event.handle;
    case eventField.ACCEPT:
      return event.accept;
    default:
      return undefined;
  }
}
