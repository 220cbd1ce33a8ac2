/**
 * Representations an atom handed to its node: one per (resource, format), served without running the atom.
 *
 * The network level reads, the thread level changes under the priority ceiling. Bytes are packed in the order
 * of first publication, so what fits depends only on what is inside.
 */
#ifndef RADON_RUNTIME_PUBLICATIONS_H
#define RADON_RUNTIME_PUBLICATIONS_H

#include "radon/abi.generated.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Most publications of an atom at once. */
#define RADON_PUBLICATIONS_MAX 8U

/** Expiry of a publication that stays until it is replaced. */
#define RADON_PUBLICATION_NO_EXPIRY UINT64_MAX

typedef struct {
    uint64_t expires_us;
    uint16_t offset;
    uint16_t length;
    uint16_t format;
    uint8_t resource;
} radon_publication_t;

typedef struct {
    uint8_t *bytes;
    uint16_t capacity;
    uint16_t used;
    uint8_t count;
    radon_publication_t entries[RADON_PUBLICATIONS_MAX];
} radon_publications_t;

/** Keeps `bytes` as room for `capacity` bytes of payload. */
void radon_publications_init(radon_publications_t *publications, uint8_t *bytes, uint16_t capacity);

/**
 * Puts or replaces the publication of `publication`'s resource and format (offset and length are filled in).
 * Expired ones go first. RADON_E_QUOTA, with nothing but those gone, when payloads or entries are too many.
 */
radon_err_t radon_publications_put(radon_publications_t *publications, const radon_publication_t *publication,
                                   const uint8_t *bytes, size_t length, uint64_t now_us);

/**
 * The valid publication of `resource` in `format`, or the one published first when `format` is
 * RADON_FORMAT_NONE; NULL when there is none. `*any` tells whether the resource has a valid publication in
 * any format.
 */
const radon_publication_t *radon_publications_find(const radon_publications_t *publications, uint8_t resource,
                                                   uint16_t format, uint64_t now_us, bool *any);

#endif
