#include "radon/base/pattern.h"

/** No state. */
#define NONE UINT8_MAX

_Static_assert(RADON_MAX_PATTERN_BYTES <= 64, "a set of states is one 64-bit word");

/* Classes and escapes --------------------------------------------------------------------------------------
 */

static bool is_letter_or_digit(uint8_t byte)
{
    uint8_t lower = byte | 0x20;
    return (byte >= '0' && byte <= '9') || (lower >= 'a' && lower <= 'z');
}

/** The byte that stands at `*at`, escaped or not; `*at` goes behind it. False at the end or for an escape
 * that is none. */
static bool take_byte(radon_bytes_t text, size_t *at, uint8_t *byte)
{
    if (*at < text.len && text.data[*at] == '\\') {
        (*at)++;
        if (*at < text.len && is_letter_or_digit(text.data[*at])) {
            return false;
        }
    }
    if (*at >= text.len) {
        return false;
    }
    *byte = text.data[(*at)++];
    return true;
}

/** Walks through a class; its items are single bytes and ranges. */
typedef struct {
    size_t at;
    size_t first; /**< position of the first item */
    uint8_t low;
    uint8_t high;
} class_t;

static bool class_is_negated(radon_bytes_t text, size_t at)
{
    return at + 1 < text.len && text.data[at + 1] == '^';
}

/** `at` is where the `[` stands. */
static class_t class_open(radon_bytes_t text, size_t at)
{
    size_t first = at + (class_is_negated(text, at) ? 2 : 1);
    return (class_t){.at = first, .first = first};
}

static bool class_ends(radon_bytes_t text, const class_t *class)
{
    return class->at < text.len && text.data[class->at] == ']' && class->at > class->first;
}

/** Whether a `-` that is not the last item stands at `at`. */
static bool is_range(radon_bytes_t text, size_t at)
{
    return at + 1 < text.len && text.data[at] == '-' && text.data[at + 1] != ']';
}

static bool class_take(radon_bytes_t text, class_t *class)
{
    bool misplaced = class->at > class->first && is_range(text, class->at);
    if (misplaced || !take_byte(text, &class->at, &class->low)) {
        return false;
    }
    class->high = class->low;
    if (is_range(text, class->at)) {
        class->at++;
        return take_byte(text, &class->at, &class->high) && class->low <= class->high;
    }
    return true;
}

/** Position behind a class, 0 when it is none. */
static size_t class_end(radon_bytes_t text, size_t at)
{
    class_t class = class_open(text, at);
    while (!class_ends(text, &class)) {
        if (!class_take(text, &class)) {
            return 0;
        }
    }
    return class.at + 1;
}

static bool class_has(radon_bytes_t text, size_t at, uint8_t byte)
{
    bool found = false;
    class_t class = class_open(text, at);
    while (!class_ends(text, &class) && class_take(text, &class)) {
        found |= byte >= class.low && byte <= class.high;
    }
    return found != class_is_negated(text, at);
}

/* Parsing --------------------------------------------------------------------------------------------------
 */

typedef struct {
    radon_pattern_t *pattern;
    size_t at;
    size_t element; /**< state that begins the element before, for `*`, `+` and `?`; NONE where none is */
    bool empty;     /**< nothing since the begin of this alternative */
    uint8_t depth;
    uint8_t open[RADON_PATTERN_DEPTH]; /**< where the groups around begin */
} parser_t;

/** Where the chain of alternatives that begins in `*first` ends. */
static uint8_t *last_branch(radon_pattern_t *pattern, uint8_t *first)
{
    while (*first != NONE) {
        first = &pattern->branch[*first];
    }
    return first;
}

/** Begin of the chain of the group that is being parsed. */
static uint8_t *first_branch(parser_t *parser)
{
    radon_pattern_t *pattern = parser->pattern;
    return parser->depth == 0 ? &pattern->top : &pattern->branch[parser->open[parser->depth - 1]];
}

/** A state that is an element of its own: what follows may repeat it. */
static bool take_element(parser_t *parser, size_t end)
{
    if (end == 0) {
        return false;
    }
    parser->element = parser->at;
    parser->empty = false;
    parser->pattern->next[parser->at] = (uint8_t)end;
    parser->at = end;
    return true;
}

static bool take_literal(parser_t *parser)
{
    uint8_t byte;
    size_t end = parser->at;
    return take_byte(parser->pattern->text, &end, &byte) && take_element(parser, end);
}

static bool take_anchor(parser_t *parser)
{
    bool taken = take_element(parser, parser->at + 1);
    parser->element = NONE;
    return taken;
}

static bool open_group(parser_t *parser)
{
    if (parser->depth == RADON_PATTERN_DEPTH) {
        return false;
    }
    parser->open[parser->depth++] = (uint8_t)parser->at;
    (void)take_anchor(parser);
    parser->empty = true;
    return true;
}

/** Every alternative before the last one ends where the group does. */
static void join_branches(radon_pattern_t *pattern, uint8_t first, size_t end)
{
    while (first != NONE) {
        pattern->next[first] = (uint8_t)end;
        first = pattern->branch[first];
    }
}

static bool close_group(parser_t *parser)
{
    if (parser->depth == 0 || parser->empty) {
        return false;
    }
    join_branches(parser->pattern, *first_branch(parser), parser->at);
    parser->depth--;
    (void)take_element(parser, parser->at + 1);
    parser->element = parser->open[parser->depth];
    return true;
}

static bool take_bar(parser_t *parser)
{
    if (parser->empty) {
        return false;
    }
    *last_branch(parser->pattern, first_branch(parser)) = (uint8_t)parser->at;
    parser->element = NONE;
    parser->empty = true;
    parser->at++;
    return true;
}

static bool take_repetition(parser_t *parser, uint8_t sign)
{
    radon_pattern_t *pattern = parser->pattern;
    if (parser->element == NONE) {
        return false;
    }
    if (sign != '+') {
        pattern->other[parser->element] = (uint8_t)parser->at;
    }
    if (sign != '?') {
        pattern->other[parser->at] = (uint8_t)parser->element;
    }
    pattern->next[parser->at] = (uint8_t)(parser->at + 1);
    parser->element = NONE;
    parser->at++;
    return true;
}

static bool take_state(parser_t *parser)
{
    uint8_t sign = parser->pattern->text.data[parser->at];
    switch (sign) {
    case '(':
        return open_group(parser);
    case ')':
        return close_group(parser);
    case '|':
        return take_bar(parser);
    case '*':
    case '+':
    case '?':
        return take_repetition(parser, sign);
    case '^':
    case '$':
        return take_anchor(parser);
    case '[':
        return take_element(parser, class_end(parser->pattern->text, parser->at));
    case ']':
        return false;
    default:
        return take_literal(parser);
    }
}

radon_err_t radon_pattern_parse(radon_pattern_t *pattern, radon_bytes_t text)
{
    parser_t parser = {.pattern = pattern, .element = NONE, .empty = true};
    if (text.len > RADON_MAX_PATTERN_BYTES) {
        return RADON_E_ARG;
    }
    memset(pattern, NONE, sizeof *pattern);
    pattern->text = text;
    while (parser.at < text.len) {
        if (!take_state(&parser)) {
            return RADON_E_ARG;
        }
    }
    join_branches(pattern, pattern->top, text.len);
    return parser.empty || parser.depth > 0 ? RADON_E_ARG : RADON_OK;
}

/* Matching -------------------------------------------------------------------------------------------------
 */

/** States that an automaton is in; the one behind the last byte of the pattern accepts. */
typedef struct {
    uint64_t set;
    bool accepts;
} states_t;

static void add(const radon_pattern_t *pattern, states_t *states, size_t state)
{
    if (state == pattern->text.len) {
        states->accepts = true;
    } else if (state != NONE) {
        states->set |= UINT64_C(1) << state;
    }
}

static void add_branches(const radon_pattern_t *pattern, states_t *states, uint8_t branch)
{
    for (; branch != NONE; branch = pattern->branch[branch]) {
        add(pattern, states, branch + 1U);
    }
}

/** Whether a state leads on without taking a byte. */
static bool passes(uint8_t sign, bool begin, bool end)
{
    switch (sign) {
    case '(':
    case ')':
    case '|':
    case '*':
    case '+':
    case '?':
        return true;
    case '^':
        return begin;
    case '$':
        return end;
    default:
        return false;
    }
}

/** Adds the states that one leads to without taking a byte. */
static void follow(const radon_pattern_t *pattern, states_t *states, size_t state, bool begin, bool end)
{
    uint8_t sign = pattern->text.data[state];
    add(pattern, states, pattern->other[state]);
    if (sign == '(') {
        add_branches(pattern, states, pattern->branch[state]);
    }
    if (passes(sign, begin, end)) {
        add(pattern, states, pattern->next[state]);
    }
}

/** Adds all states that can be reached without taking a byte; each is followed once. */
static void complete(const radon_pattern_t *pattern, states_t *states, bool begin, bool end)
{
    uint64_t followed = 0;
    while ((states->set & ~followed) != 0) {
        size_t state = (size_t)__builtin_ctzll(states->set & ~followed);
        followed |= UINT64_C(1) << state;
        follow(pattern, states, state, begin, end);
    }
}

static bool takes(const radon_pattern_t *pattern, size_t state, uint8_t byte)
{
    uint8_t sign = pattern->text.data[state];
    switch (sign) {
    case '.':
        return true;
    case '[':
        return class_has(pattern->text, state, byte);
    case '\\':
        return pattern->text.data[state + 1] == byte;
    case '^':
    case '$':
        return false;
    default:
        return !passes(sign, false, false) && sign == byte;
    }
}

/** The states after one more byte. */
static states_t step(const radon_pattern_t *pattern, const states_t *states, uint8_t byte)
{
    states_t after = {0};
    for (uint64_t left = states->set; left != 0; left &= left - 1) {
        size_t state = (size_t)__builtin_ctzll(left);
        if (takes(pattern, state, byte)) {
            add(pattern, &after, pattern->next[state]);
        }
    }
    return after;
}

bool radon_pattern_matches(const radon_pattern_t *pattern, radon_bytes_t text)
{
    states_t states = {.set = 1};
    add_branches(pattern, &states, pattern->top);
    complete(pattern, &states, true, text.len == 0);
    for (size_t i = 0; i < text.len; i++) {
        states = step(pattern, &states, text.data[i]);
        complete(pattern, &states, false, i + 1 == text.len);
    }
    return states.accepts;
}
