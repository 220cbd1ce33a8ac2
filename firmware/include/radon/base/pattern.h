/**
 * Patterns over whole texts (docs/reference/runtime-interface.md, "Patterns"): a nondeterministic automaton
 * whose states are the bytes of the pattern, all of which are followed at once. No backtracking: a text of n
 * bytes takes at most n + 1 rounds over 64 states.
 */
#ifndef RADON_BASE_PATTERN_H
#define RADON_BASE_PATTERN_H

#include "radon/abi.generated.h"
#include "radon/base/bytes.h"

/** Groups in groups. */
#define RADON_PATTERN_DEPTH 8U

typedef struct {
    radon_bytes_t text; /**< borrowed */
    /** Where a state goes: behind its element, for `|` to the end of its group. */
    uint8_t next[RADON_MAX_PATTERN_BYTES];
    /** Where it goes as well: from an element to the `*` or `?` behind it, from `*` and `+` back. */
    uint8_t other[RADON_MAX_PATTERN_BYTES];
    /** From `(` and `|` to the next `|` of the same group. */
    uint8_t branch[RADON_MAX_PATTERN_BYTES];
    uint8_t top; /**< the first `|` outside all groups */
} radon_pattern_t;

/** Borrows `text`, whose bytes may be any. RADON_E_ARG: it is no pattern. */
radon_err_t radon_pattern_parse(radon_pattern_t *pattern, radon_bytes_t text);

/** Whether the whole of `text` matches. */
bool radon_pattern_matches(const radon_pattern_t *pattern, radon_bytes_t text);

#endif
