import type { ErrorDetails } from '../../problem/index.ts';
import { abiError, type ErrorName } from '../../tables/index.ts';
import type { Effect } from '../messages.ts';
import { type RequestCell, requestState } from '../shared-state.ts';

const { handling, kept, open, answered } = requestState;
const unanswered = [handling, kept, open];

/** The requests whose activation has started and that are not answered yet: they hold the `pending` places. */
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
    if (!cell.step([requestState.waiting, kept], handling)) return false;
    this.#cells.set(ticket, cell);
    return true;
  }

  /** Takes over one that was started in another worker. */
  adopt(ticket: number, cell: RequestCell): void {
    this.#cells.set(ticket, cell);
  }

  /** Ticket of the open request of an event, undefined when there is none. */
  find(event: number): number | undefined {
    for (const [ticket, cell] of this.#cells) {
      if (cell.event === event && cell.state < answered) return ticket;
    }
    return undefined;
  }

  answer(ticket: number, code: number, format: number, payload: Uint8Array): number {
    if (!this.#end(ticket)) return abiError.E_STATE;
    const copy = payload.slice();
    this.#emit({ kind: 'answer', index: this.#index, ticket, code, format, payload: copy });
    return 0;
  }

  /** The node answers with an error, unless the request was answered already. */
  refuse(ticket: number, error: ErrorName, details: ErrorDetails): void {
    if (this.#end(ticket)) this.#emit({ kind: 'refuse', index: this.#index, ticket, error, details });
  }

  /** The node answered it or gave it up. */
  forget(ticket: number): void {
    this.#cells.delete(ticket);
  }

  #end(ticket: number): boolean {
    const cell = this.#cells.get(ticket);
    this.#cells.delete(ticket);
    return cell?.step(unanswered, answered) === true;
  }
}
