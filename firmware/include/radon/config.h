/**
 * Every fixed size of the firmware that is not part of a contract. A port or a board may set any of them with
 * -D; sizes are bytes and times milliseconds unless the name says otherwise.
 */
#ifndef RADON_CONFIG_H
#define RADON_CONFIG_H

/* CoAP and links ------------------------------------------------------------------------------------------
 */

/** Largest CoAP message on any link (docs/reference/wire.md). */
#define RADON_COAP_MESSAGE_MAX 1152

/** Bytes of a transport address: 6 for IPv4 and port, 18 for IPv6 and port; a serial link has none. */
#ifndef RADON_ENDPOINT_ADDRESS_MAX
#define RADON_ENDPOINT_ADDRESS_MAX 6
#endif

/** Interactions a peer may have outstanding at once (announced in /node). */
#ifndef RADON_COAP_NSTART
#define RADON_COAP_NSTART 1
#endif

/** Requests that wait for their answer (work of atoms and system jobs) at once: a chain of atoms that ask each other
 * takes one for each of its hops. */
#ifndef RADON_COAP_EXCHANGES
#define RADON_COAP_EXCHANGES 12
#endif

/** Observers of all resources together (RFC 7641). */
#ifndef RADON_COAP_OBSERVERS
#define RADON_COAP_OBSERVERS 8
#endif

/**
 * Uri-Path, Uri-Query and Accept options of an observation, as encoded: the longest path of an atom and
 * Accept. A longer GET is answered, but not observed.
 */
#ifndef RADON_COAP_OBSERVED_OPTIONS
#define RADON_COAP_OBSERVED_OPTIONS 104
#endif

/** Unsafe requests remembered for duplicate detection. */
#ifndef RADON_COAP_DEDUP_ENTRIES
#define RADON_COAP_DEDUP_ENTRIES 8
#endif

/** Confirmable messages of the node that wait for their acknowledgement or their turn. */
#ifndef RADON_COAP_OUTGOING
#define RADON_COAP_OUTGOING 4
#endif

/** Representations kept between the blocks of a transfer. */
#ifndef RADON_COAP_SNAPSHOTS
#define RADON_COAP_SNAPSHOTS 2
#endif

/**
 * Bytes that hold kept replies, unacknowledged messages and snapshots together, beside the room for the one
 * message being written. A snapshot of /atoms with all atoms a node holds must fit: while one of them runs,
 * its later blocks could not be generated again as they were.
 */
#ifndef RADON_COAP_RETAINED_BYTES
#define RADON_COAP_RETAINED_BYTES 3072
#endif

/** A request unanswered for this long is given up with 5.03: longer than the largest replyWithinMs. */
#ifndef RADON_COAP_EXCHANGE_MS
#define RADON_COAP_EXCHANGE_MS 660000
#endif

/** Every this many notifications one is confirmable, so that a vanished observer is noticed (RFC 7641 4.5).
 */
#ifndef RADON_COAP_CONFIRM_EVERY
#define RADON_COAP_CONFIRM_EVERY 16
#endif

/** An observer that has confirmed nothing for this long gets a confirmable notification even without news. */
#ifndef RADON_COAP_CONFIRM_MS
#define RADON_COAP_CONFIRM_MS 300000
#endif

/** A snapshot unused for this long is given up. */
#ifndef RADON_COAP_SNAPSHOT_MS
#define RADON_COAP_SNAPSHOT_MS 10000
#endif

/** Segments of a path; a longer one names nothing. */
#define RADON_COAP_PATH_SEGMENTS 8

/** Levels of maps and arrays a document may have. */
#define RADON_CBOR_DEPTH 8

#endif
