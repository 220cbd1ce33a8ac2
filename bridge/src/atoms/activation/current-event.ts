import { eventKind } from '../../tables/index.ts';
import type { GuestExport } from './guest.ts';
import type { Message } from './inbox.ts';
import type { Signal } from './signal.ts';

export type EventKind = keyof typeof eventKind;

/** What a handler handles; `message` or `signal` is where it waited. */
export interface CurrentEvent {
  readonly kind: EventKind;
  readonly id: number;
  readonly method: number;
  readonly format: number;
  readonly accept: number;
  readonly reason: number;
  readonly handle: number;
  readonly path: string;
  readonly query: string;
  readonly payload: Uint8Array;
  readonly message?: Message;
  readonly signal?: Signal;
}

const noBytes = new Uint8Array(0);

/** The fields of an event that has none of its own. */
export function plainEvent(kind: EventKind, id: number): CurrentEvent {
  return {
    kind,
    id,
    method: 0,
    format: -1,
    accept: -1,
    reason: 0,
    handle: 0,
    path: '',
    query: '',
    payload: noBytes,
  };
}

/** The handler of each kind of event. */
export const handlerOf = {
  START: 'on_start',
  REQUEST: 'on_request',
  TIMER: 'on_timer',
  IO: 'on_io',
  STOP: 'on_stop',
} as const satisfies Partial<Record<EventKind, GuestExport>>;

export type HandledKind = keyof typeof handlerOf;

/** Value of a scalar field of event_get by the field's number, undefined for an unknown one. */
export function eventScalar(event: CurrentEvent, field: number): number | undefined {
  const { id, method, format, reason, handle, accept } = event;
  return [eventKind[event.kind], id, method, format, 0, reason, handle, accept][field];
}
