import type { LetterCell } from '../letter-cell.ts';
import type { RequestEvent } from '../messages.ts';
import { type AtomState, requestState } from '../shared-state.ts';
import { type Entry, letterBytesOf, letterEntry, requestEntry } from './inbox.ts';

/** What another worker left in the inbox of an atom, in the order of its places; what never had one comes last. */
export function takeOver(
  state: AtomState,
  letters: readonly LetterCell[],
  requests: readonly RequestEvent[],
  now: number,
): Entry[] {
  state.set('ready', 0);
  const held = letters.filter(({ used }) => used);
  const waiting = requests.filter(({ ticket }) => isWaiting(state.request(ticket).state));
  const makers = [
    ...held.map((cell) => ({ cell, make: (place: number) => takenLetter(state, cell, place, now) })),
    ...waiting.map((request) => {
      const cell = state.request(request.ticket);
      return { cell, make: (place: number) => requestEntry(request, cell, place, now) };
    }),
  ].sort((left, right) => orderOf(left.cell) - orderOf(right.cell));
  return makers.map(({ make }, index) => make(index + 1));
}

/** In the inbox, or handled when the worker ended. */
function isWaiting(value: number): boolean {
  return value !== requestState.free && value < requestState.open;
}

function takenLetter(state: AtomState, cell: LetterCell, place: number, now: number): Entry {
  const letter = cell.read();
  state.add('inboxMessages');
  state.add('inboxBytes', letterBytesOf(letter));
  return letterEntry(letter, cell, place, now);
}

/** What never had a place comes last. */
function orderOf({ place }: { readonly place: number }): number {
  return place === 0 ? Number.POSITIVE_INFINITY : place;
}
