/**
 * Image log: manifests in two slots per atom, the payloads they name, and the highest sequence number of
 * every name, in two large flash sectors used in turn.
 *
 *     radon_images_room()            is there room? nothing is written
 *     radon_images_put()             manifest becomes PENDING, room for its payload is taken
 *     radon_images_append()          bytes of the payload, as they come
 *     radon_images_finish()          all bytes there: check the digest
 *     radon_images_activate()        one write: PENDING -> ACTIVE, ACTIVE -> PREVIOUS
 *     radon_images_revert()          one write: PREVIOUS <-> ACTIVE
 *     radon_images_delete()          one write: both slots go, the highest sequence number stays
 *
 * What returned RADON_OK survives every later power cut; what was interrupted is there in whole or not at
 * all.
 *
 * Addresses. Manifests and payloads are read and run from where they lie in flash. Only two calls move or
 * destroy them, and both are made by the runtime in a system job, never from inside another call here
 * (radon_images_open() compacts by itself, but nothing runs then):
 *
 *   radon_images_compact()      copies what is alive to the other sector. Everything has a new address
 * afterwards; the old copies stay readable, so running atoms go on undisturbed. radon_images_erase_spare()
 * the old copies are gone: before it, whoever still holds an address from before the compaction must be
 * stopped or loaded again. Compare radon_images_generation().
 *
 * A compaction needs the other sector erased; until then calls that need a compaction say RADON_E_BUSY. So a
 * runtime keeps one sector erased ahead: after a compaction it reloads atoms when that suits it, then erases.
 * Thread level only.
 */
#ifndef RADON_STORE_IMAGES_H
#define RADON_STORE_IMAGES_H

#include "radon/store/log.h"

/** Atoms with a manifest in a slot. 24 bytes of RAM each. */
#define RADON_IMAGES_ATOMS 16U

/** A payload is acknowledged, checked and resumed in chunks of this many bytes; only the last may be shorter.
 */
#define RADON_IMAGES_CHUNK 64U

/** Bytes kept free by new manifests and payloads, so that switches and deletions always find room. */
#define RADON_IMAGES_RESERVE 1024U

#define RADON_IMAGES_DIGEST 32U

typedef enum {
    RADON_SLOT_EMPTY = 0,
    RADON_SLOT_PENDING = 1,  /**< accepted, never activated */
    RADON_SLOT_ACTIVE = 2,   /**< runs after a restart */
    RADON_SLOT_PREVIOUS = 3, /**< was active before; radon_images_revert() goes back to it */
} radon_slot_state_t;

/** One manifest as it lies in flash. Borrowed until radon_images_erase_spare() after a compaction. */
typedef struct {
    radon_slot_state_t state; /**< RADON_SLOT_EMPTY: nothing else is meaningful */
    radon_bytes_t name;
    radon_bytes_t manifest; /**< the signed manifest, byte for byte */
    uint32_t sequence;
    const uint8_t *digest; /**< of its payload, RADON_IMAGES_DIGEST bytes */
    uint32_t size;         /**< of its payload */
} radon_slot_t;

/** What is known of one name. */
typedef struct {
    radon_bytes_t name;
    uint32_t sequence; /**< highest ever accepted, also when both slots are empty; 0 for a name never seen */
    radon_slot_t slots[2]; /**< a, b */
} radon_atom_record_t;

typedef struct {
    radon_bytes_t bytes; /**< `len` is the size of the whole payload; 8-byte aligned */
    uint32_t have; /**< bytes from the start that came; those that fill no chunk yet are not in `bytes` */
    bool complete; /**< all there, digest checked */
} radon_payload_t;

/** RAM copy of where things are. */
typedef struct {
    uint32_t name;         /**< address of the name */
    uint32_t manifests[2]; /**< address of the record body, 0 for none */
    uint32_t sequence;
    uint8_t states[2];
    uint8_t name_length;
} radon_images_entry_t;

/** The payload that is being received, and its bytes that do not fill a chunk yet. */
typedef struct {
    uint32_t record; /**< address of its record, 0 for none */
    uint32_t stored; /**< bytes in flash */
    uint32_t held;   /**< bytes in `chunk` */
    uint8_t chunk[RADON_IMAGES_CHUNK];
} radon_images_upload_t;

typedef struct {
    radon_log_t log;
    uint32_t erases; /**< sectors erased since open, for /node */
    uint32_t count;
    radon_images_entry_t entries[RADON_IMAGES_ATOMS];
    radon_images_upload_t upload;
} radon_images_t;

/**
 * Finds what is stored, finishes payloads whose last byte was there, and compacts when a cut upload could not
 * go on where it is. Starts empty on flash that holds nothing. `flash` is kept; the two sectors are of one
 * size.
 */
radon_err_t radon_images_open(radon_images_t *images, const radon_flash_t *flash, const uint32_t sectors[2]);

/* ---- Looking ---- */

/** Number of atoms with a manifest in a slot, and each of them; the order changes with every put and delete.
 */
uint32_t radon_images_count(const radon_images_t *images);
void radon_images_at(const radon_images_t *images, uint32_t index, radon_atom_record_t *atom);

/** Never fails: for an unknown name both slots are empty, and the sequence is 0 or that of a deleted atom. */
void radon_images_find(const radon_images_t *images, radon_bytes_t name, radon_atom_record_t *atom);

/** The payload a slot names; have is 0 when not one byte of it came. */
void radon_images_payload(const radon_images_t *images, const radon_slot_t *slot, radon_payload_t *payload);

/**
 * The slot whose payload a PUT or GET of this digest means: one that still lacks bytes before a complete one.
 * False when no manifest in a slot names the digest.
 */
bool radon_images_wanted(const radon_images_t *images, const uint8_t *digest, radon_slot_t *slot);

/** Bytes. used + free = total. */
typedef struct {
    uint32_t used;
    uint32_t free;
    uint32_t total;
} radon_images_usage_t;

radon_images_usage_t radon_images_usage(const radon_images_t *images);

/** Grows by one with every compaction. */
uint32_t radon_images_generation(const radon_images_t *images);

/* ---- A new version ---- */

/** A manifest that was verified. All borrowed. */
typedef struct {
    radon_bytes_t name;     /**< at most RADON_MAX_NAME_BYTES */
    radon_bytes_t manifest; /**< the signed manifest, at most RADON_MAX_MANIFEST_BYTES */
    uint32_t sequence;
    const uint8_t *digest;
    uint32_t size;
} radon_images_new_t;

/**
 * Whether a new manifest and its payload fit. *need: bytes they take, *free: bytes there are when the pending
 * or previous version of that name has made room. RADON_OK: put will work now. RADON_E_BUSY: it will after
 * radon_images_compact() for that name. RADON_E_FULL: need > free. RADON_E_QUOTA: RADON_IMAGES_ATOMS are
 * there already.
 */
radon_err_t radon_images_room(const radon_images_t *images, const radon_images_new_t *new_version,
                              uint32_t *need, uint32_t *free);

/**
 * Stores the manifest in the slot that is not active, as PENDING, in place of what was there. Errors of
 * radon_images_room(), RADON_E_ARG for a sequence below the highest, RADON_E_IO.
 */
radon_err_t radon_images_put(radon_images_t *images, const radon_images_new_t *new_version);

/**
 * Takes bytes of a payload. Bytes before `have` are skipped, so a sender may start again from 0 at any time.
 * *have is set in every case. RADON_E_NOT_FOUND: no slot names the digest. RADON_E_STATE: `offset` is beyond
 * have. RADON_E_TOO_BIG: more than the size in the manifest. RADON_E_BUSY: needs a compaction first.
 * RADON_E_IO. After a restart have is what it was, rounded down to RADON_IMAGES_CHUNK.
 */
radon_err_t radon_images_append(radon_images_t *images, const uint8_t *digest, uint32_t offset,
                                radon_bytes_t bytes, uint32_t *have);

/**
 * Checks the digest of a payload with all bytes there and marks it complete. RADON_E_DENIED: the digest is
 * another; the bytes are forgotten and the upload starts from 0. RADON_E_NOT_FOUND, RADON_E_STATE (bytes
 * missing), RADON_E_IO.
 */
radon_err_t radon_images_finish(radon_images_t *images, const uint8_t *digest);

/* ---- Slots: each is one write. RADON_E_NOT_FOUND, RADON_E_BUSY (needs a compaction), RADON_E_IO ---- */

/** PENDING becomes ACTIVE, ACTIVE becomes PREVIOUS. RADON_E_STATE when the payload is not complete. */
radon_err_t radon_images_activate(radon_images_t *images, radon_bytes_t name);

/** Forgets the PENDING version. */
radon_err_t radon_images_discard(radon_images_t *images, radon_bytes_t name);

/** Swaps ACTIVE and PREVIOUS. */
radon_err_t radon_images_revert(radon_images_t *images, radon_bytes_t name);

/** Empties both slots. Drop the pairs of the atom first: a cut between the two then leaves no pairs without
 * an atom. */
radon_err_t radon_images_delete(radon_images_t *images, radon_bytes_t name);

/* ---- Sectors ---- */

/**
 * Copies what is alive into the erased sector and goes on there. `replacing` (may be empty) names an atom
 * whose pending or previous version is left behind, because a new one is about to be put. RADON_E_BUSY: erase
 * first. RADON_E_IO.
 */
radon_err_t radon_images_compact(radon_images_t *images, radon_bytes_t replacing);

/** True when radon_images_erase_spare() has to run before the next compaction. */
bool radon_images_wants_erase(const radon_images_t *images);
radon_err_t radon_images_erase_spare(radon_images_t *images);

#endif
