import type { ErrorDetails } from '../../problem/index.ts';
import { abiError, type ErrorName } from '../../tables/index.ts';
import type { Effect } from '../messages.ts';
import { type RequestCell, requestState } from '../shared-state.ts';

const { waiting, handling, kept, open, answered } = requestState;

/** The requests that can be answered: offered, not kept, not answered yet. Each holds one of the `pending` places. */
export class OpenRequests {
  readonly #index: number;
  readonly #limit: number;
  readonly #emit: (effect: Effect) => void;
  readonly #cells = new Map<number, RequestCell>();

  constructor(index: number, limit: number, emit: (effect: Effect) => void) {
    this.#index = index;
    this.#limit = limit;
    this.#emit = emit;
  }

  get room(): boolean {
    return this.#cells.size < this.#limit;
  }

  tickets(): number[] {
    return [...this.#cells.keys()];
  }

  /** Its activation starts; false when the node answered it meanwhile. */
  start(ticket: number, cell: RequestCell): boolean {
    if (!cell.step([waiting, kept], handling)) return false;
    this.#cells.set(ticket, cell);
    return true;
  }

  /** Takes over one that another worker left handled and unanswered. */
  adopt(ticket: number, cell: RequestCell): void {
    this.#cells.set(ticket, cell);
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
