export type ByteTest = (byte: number) => boolean;

/** A state of the automaton of a pattern (Thompson's construction). */
export type State =
  | { readonly kind: 'byte'; readonly accepts: ByteTest; readonly next: State }
  /** Both ways at once; `second` of a loop leads back. */
  | { readonly kind: 'split'; readonly first: State; second: State }
  /** Goes on at the begin or the end of the text only. */
  | { readonly kind: 'begin' | 'end'; readonly next: State }
  | { readonly kind: 'match' };
