import type { ErrorDetails } from '../../problem/index.ts';
import { abiError, type ErrorName } from '../../tables/index.ts';
import type { Effect } from '../messages.ts';
import { type AtomState, type RequestCell, requestState } from '../shared-state.ts';

const { waiting, handling, kept, open, answered } = requestState;

/** The requests that can be answered: offered, not kept, not answered yet. Each holds one of the `pending` places. */
export class OpenRequests {
  readonly #index: number;
  readonly #limit: number;
  readonly #emit: (effect: Effect) => void;
  readonly #own: { readonly size: number };
  readonly #cells = new Map<number, RequestCell>();

  /** `own`: requests of the atom itself, which hold places too. */
  constructor(index: number, limit: number, own: { readonly size: number }, emit: (effect: Effect) => void) {
    this.#index = index;
    this.#limit = limit;
    this.#own = own;
    this.#emit = emit;
  }

  /** Whether one of the `pending` places is free. */
  get room(): boolean {
    return this.#cells.size + this.#own.size < this.#limit;
  }

  /** Tickets of those that an instance began, or of all. */
  tickets(instance?: number): number[] {
    const cells = [...this.#cells];
    return cells
      .filter(([, cell]) => instance === undefined || cell.instance === instance)
      .map(([ticket]) => ticket);
  }

  /** Whether an instance began one that is open. */
  isAwaited(instance: number): boolean {
    for (const cell of this.#cells.values()) if (cell.instance === instance) return true;
    return false;
  }

  /** Its activation starts; false when the node answered it meanwhile. */
  start(ticket: number, cell: RequestCell, instance: number): boolean {
    if (!cell.step([waiting, kept], handling)) return false;
    cell.instance = instance;
    this.#cells.set(ticket, cell);
    return true;
  }

  /** Takes over those that another worker left handled and unanswered. */
  adopt(tickets: readonly number[], state: AtomState): void {
    for (const ticket of tickets) {
      const cell = state.request(ticket);
      if (cell.state === open) this.#cells.set(ticket, cell);
    }
  }

  /** Its event goes back to the inbox, its place is free; false when the request was answered. */
  keep(ticket: number, cell: RequestCell): boolean {
    this.#cells.delete(ticket);
    return cell.step([handling], kept);
  }

  /** Ticket of the open request of an event, undefined when there is none. */
  find(event: number): number | undefined {
    for (const [ticket, cell] of this.#cells) {
      if (cell.event === event && cell.state < answered) return ticket;
    }
    return undefined;
  }

  answer(ticket: number, code: number, format: number, payload: Uint8Array): number {
    const cell = this.#cells.get(ticket);
    this.#cells.delete(ticket);
    if (cell?.step([handling, open], answered) !== true) return abiError.E_STATE;
    this.#emit({ kind: 'answer', index: this.#index, ticket, code, format, payload: payload.slice() });
    return 0;
  }

  /** The node answers with an error, unless the request was answered already. */
  refuse(ticket: number, cell: RequestCell, error: ErrorName, details: ErrorDetails): void {
    this.#cells.delete(ticket);
    if (!cell.step([waiting, handling, kept, open], answered)) return;
    this.#emit({ kind: 'refuse', index: this.#index, ticket, error, details });
  }

  /** The node answered it itself. */
  forget(ticket: number): void {
    this.#cells.delete(ticket);
  }
}
