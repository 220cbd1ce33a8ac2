/**
 * Manifests (docs/reference/wire.md, "Manifest"): parsed into views of their own bytes, which stay in flash.
 * Unknown keys, wrong types, values out of range, other encodings and trailing bytes are refused with the
 * field named.
 */
#ifndef RADON_TRUST_MANIFEST_H
#define RADON_TRUST_MANIFEST_H

#include "radon/abi.generated.h"
#include "radon/base/cbor_read.h"

/** Longest texts and lists, beside those of docs/atom-abi.json. */
#define RADON_MANIFEST_VERSION_BYTES 16U
#define RADON_MANIFEST_PAYLOADS 4U
#define RADON_MANIFEST_LIST 8U
#define RADON_MANIFEST_DIGEST_BYTES 32U
#define RADON_MANIFEST_ENGINE_BYTES 8U

/** Room for the sentence that says what is wrong, with its final 0. */
#define RADON_MANIFEST_DETAIL_BYTES 80U

/** Ranges: RADON_CONFIGURATION_LIMITS of abi.generated.h. */
typedef struct {
    uint32_t memory;
    uint32_t stack;
    uint32_t deadline_ms;
    uint32_t storage;
    uint32_t timers;
    uint32_t pending;
    uint32_t body;
    uint32_t publish;
    uint32_t instances;
    uint32_t idle_ms;
    uint32_t max_events;
    uint32_t inbox_messages;
    uint32_t inbox_bytes;
    uint32_t inbox_wait_ms;
    uint32_t inbox_create_after_ms;
    uint32_t reply_within_ms;
    uint32_t max_restarts;
    uint32_t window_ms;
} radon_manifest_limits_t;

/** An array of the manifest as it is encoded, checked; empty when it is absent. Read it with
 * radon_manifest_list(). */
typedef struct {
    radon_bytes_t encoded;
    uint32_t count;
} radon_manifest_array_t;

/** Code that the manifest names. */
typedef struct {
    const uint8_t *digest; /**< SHA-256 */
    uint32_t size;         /**< 1..RADON_MAX_MODULE_BYTES */
    uint32_t load;         /**< arena bytes at most while the module loads */
    uint32_t run;          /**< arena bytes of the loaded module and one instance */
    radon_bytes_t engine;  /**< revision these hold for, 8 hexadecimal digits */
} radon_manifest_payload_t;

/** All borrowed from the parsed bytes. */
typedef struct {
    radon_bytes_t name;
    radon_bytes_t version;
    uint32_t sequence;
    uint32_t abi;
    radon_bytes_t board;
    bool reactive;         /**< else a daemon */
    radon_policy_t policy; /**< of a reactive atom */
    radon_recovery_t recovery;
    radon_manifest_limits_t limits;
    radon_manifest_array_t io;        /**< texts */
    radon_manifest_array_t send;      /**< patterns */
    radon_manifest_array_t request;   /**< patterns */
    radon_manifest_array_t aliases;   /**< texts */
    radon_manifest_array_t resources; /**< resources */
    radon_manifest_array_t require;   /**< texts, of hosts */
    radon_manifest_array_t avoid;     /**< texts, of hosts */
    radon_manifest_payload_t payload; /**< the first of the list: the one a node runs */
} radon_manifest_t;

typedef struct {
    radon_bytes_t path;
    radon_bytes_t rt;        /**< empty when absent, as the next three */
    radon_bytes_t interface; /**< "if" */
    radon_bytes_t title;
    uint16_t ct[RADON_MANIFEST_LIST];
    uint8_t ct_count;
    bool observable;
} radon_manifest_resource_t;

/** Parses the payload of a verified COSE_Sign1. False: `detail` says which field is wrong and how. */
bool radon_manifest_parse(radon_bytes_t encoded, radon_manifest_t *manifest,
                          char detail[RADON_MANIFEST_DETAIL_BYTES]);

/** Whether a text is a name: [a-z][a-z0-9-]{0,31}. */
bool radon_manifest_is_name(radon_bytes_t text);

/** Steps through an array of a parsed manifest; false at its end. Texts and resources each have their own
 * step. */
typedef struct {
    radon_cbor_reader_t reader;
} radon_manifest_list_t;

void radon_manifest_list(radon_manifest_list_t *list, const radon_manifest_array_t *array);
bool radon_manifest_next_text(radon_manifest_list_t *list, radon_bytes_t *text);
bool radon_manifest_next_resource(radon_manifest_list_t *list, radon_manifest_resource_t *resource);

/** Bytes of an atom's own block, its loaded module not counted (docs/reference/wire.md, "Manifest"). */
uint64_t radon_manifest_block_bytes(const radon_manifest_t *manifest, uint32_t atom_overhead,
                                    uint32_t instance_overhead);

#endif
