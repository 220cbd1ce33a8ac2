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
  const waiting = requests.filter(({ ticket }) => isWaiting(state.request(ticket).state));
  const placeOf = ({ ticket }: RequestEvent) => state.request(ticket).place;
  const placed = waiting.filter((request) => placeOf(request) > 0);
  const entries = [
    ...takenLetters(state, letters, now),
    ...placed.map((request) => takenRequest(state, request, placeOf(request), now)),
  ].sort((left, right) => left.place - right.place);
  for (const request of waiting.filter((one) => !placed.includes(one))) {
    entries.push(takenRequest(state, request, (entries.at(-1)?.place ?? 0) + 1, now));
  }
  return entries;
}

/** In the inbox, or handled when the worker ended. */
function isWaiting(value: number): boolean {
  return value !== requestState.free && value < requestState.open;
}

function takenLetters(state: AtomState, letters: readonly LetterCell[], now: number): Entry[] {
  const used = letters.filter(({ used }) => used);
  return used.map((cell) => {
    const letter = cell.read();
    state.add('inboxMessages');
    state.add('inboxBytes', letterBytesOf(letter));
    return letterEntry(letter, cell, cell.place, now);
  });
}

function takenRequest(state: AtomState, request: RequestEvent, place: number, now: number): Entry {
  return requestEntry(request, state.request(request.ticket), place, now);
}
