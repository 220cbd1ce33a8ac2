import { parseStates } from './parser.ts';
import type { State } from './state.ts';

export interface Pattern {
  /** Whether the whole text matches; a text that is no bytes is its UTF-8. Time: pattern × text. */
  matches(text: Uint8Array | string): boolean;
}

const encoder = new TextEncoder();

/** Reads a pattern; undefined for one outside the dialect of docs/reference/runtime-interface.md#patterns. */
export function parsePattern(pattern: Uint8Array | string): Pattern | undefined {
  const start = parseStates(bytesOf(pattern));
  return start && { matches: (text) => matches(start, bytesOf(text)) };
}

function bytesOf(text: Uint8Array | string): Uint8Array {
  return typeof text === 'string' ? encoder.encode(text) : text;
}

/** Follows all ways at once, a byte at a time. */
function matches(start: State, text: Uint8Array): boolean {
  let states = reach([start], 0, text.length);
  for (let at = 0; at < text.length; at += 1) {
    const byte = text[at] ?? 0;
    const next: State[] = [];
    for (const state of states) if (state.kind === 'byte' && state.accepts(byte)) next.push(state.next);
    if (next.length === 0) return false;
    states = reach(next, at + 1, text.length);
  }
  for (const state of states) if (state.kind === 'match') return true;
  return false;
}

/** The states that can be reached from others without a byte, `at` bytes into the text. */
function reach(from: readonly State[], at: number, length: number): ReadonlySet<State> {
  const reached = new Set<State>();
  const open = [...from];
  for (let state = open.pop(); state !== undefined; state = open.pop()) {
    if (reached.has(state)) continue;
    reached.add(state);
    if (state.kind === 'split') open.push(state.first, state.second);
    else if (state.kind === 'begin' && at === 0) open.push(state.next);
    else if (state.kind === 'end' && at === length) open.push(state.next);
  }
  return reached;
}
