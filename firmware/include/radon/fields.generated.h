/* Generated from docs/fields.json by scripts/generate.mjs. Do not edit. */
#ifndef RADON_FIELDS_GENERATED_H
#define RADON_FIELDS_GENERATED_H

/** X(NAME, CBOR key, JSON name) for every field of every document. */
#define RADON_FIELDS(X) \
    X(NAME, 0, "name") \
    X(VERSION, 1, "version") \
    X(SEQUENCE, 2, "sequence") \
    X(ABI, 3, "abi") \
    X(BOARD, 4, "board") \
    X(CONFIGURATION, 5, "configuration") \
    X(PAYLOADS, 6, "payloads") \
    X(FORMAT, 7, "format") \
    X(DIGEST, 8, "digest") \
    X(SIZE, 9, "size") \
    X(NEED, 10, "need") \
    X(LOAD, 11, "load") \
    X(RUN, 12, "run") \
    X(ENGINE, 13, "engine") \
    X(KIND, 14, "kind") \
    X(POLICY, 15, "policy") \
    X(RECOVERY, 16, "recovery") \
    X(LIMITS, 17, "limits") \
    X(IO, 18, "io") \
    X(RESOURCES, 19, "resources") \
    X(PATH, 20, "path") \
    X(RT, 21, "rt") \
    X(IF, 22, "if") \
    X(CT, 23, "ct") \
    X(OBS, 24, "obs") \
    X(TITLE, 25, "title") \
    X(SEND, 26, "send") \
    X(REQUEST, 27, "request") \
    X(ALIASES, 28, "aliases") \
    X(HOSTS, 29, "hosts") \
    X(REQUIRE, 30, "require") \
    X(AVOID, 31, "avoid") \
    X(REPLY_WITHIN_MS, 32, "replyWithinMs") \
    X(MEMORY, 33, "memory") \
    X(STACK, 34, "stack") \
    X(DEADLINE_MS, 35, "deadlineMs") \
    X(STORAGE, 36, "storage") \
    X(TIMERS, 37, "timers") \
    X(PENDING, 38, "pending") \
    X(BODY, 39, "body") \
    X(PUBLISH, 40, "publish") \
    X(INBOX, 41, "inbox") \
    X(MESSAGES, 42, "messages") \
    X(BYTES, 43, "bytes") \
    X(WAIT_MS, 44, "waitMs") \
    X(ID, 50, "id") \
    X(FIRMWARE, 51, "firmware") \
    X(NSTART, 52, "nstart") \
    X(UPTIME_MS, 53, "uptimeMs") \
    X(RESET, 54, "reset") \
    X(CRASH, 55, "crash") \
    X(SAFE_MODE, 56, "safeMode") \
    X(RAM, 57, "ram") \
    X(FLASH, 58, "flash") \
    X(USED, 59, "used") \
    X(FREE, 60, "free") \
    X(TOTAL, 61, "total") \
    X(LARGEST, 62, "largest") \
    X(HIGH_WATER, 63, "highWater") \
    X(ATOM_OVERHEAD, 64, "atomOverhead") \
    X(COUNTERS, 65, "counters") \
    X(CLOCK_MS, 66, "clockMs") \
    X(TRUST, 67, "trust") \
    X(KEYS, 68, "keys") \
    X(PHASE, 70, "phase") \
    X(SLOT, 71, "slot") \
    X(INSTANCES, 72, "instances") \
    X(WAITING, 73, "waiting") \
    X(READY, 74, "ready") \
    X(DONE, 75, "done") \
    X(DROPPED, 76, "dropped") \
    X(RESTARTS, 77, "restarts") \
    X(ACTIVATIONS, 78, "activations") \
    X(TRAP, 79, "trap") \
    X(REASON, 80, "reason") \
    X(EVENT, 81, "event") \
    X(FUNCTION, 82, "function") \
    X(OFFSET, 83, "offset") \
    X(AGE_MS, 84, "ageMs") \
    X(EXIT_CODE, 85, "exitCode") \
    X(ERROR, 86, "error") \
    X(MISSING, 87, "missing") \
    X(HAVE, 88, "have") \
    X(COMMAND, 89, "command") \
    X(INSTANCE, 90, "instance") \
    X(NODE, 91, "node") \
    X(LEVEL, 92, "level") \
    X(LINE, 93, "line") \
    X(TIME_MS, 94, "timeMs") \
    X(VALUE, 95, "value") \
    X(UNIT, 96, "unit") \
    X(DIRECTION, 97, "direction") \
    X(SIMULATED, 98, "simulated") \
    X(PC, 100, "pc") \
    X(LR, 101, "lr") \
    X(PSR, 102, "psr") \
    X(FAULT, 103, "fault") \
    X(THREAD, 104, "thread") \
    X(FRAMES_IN, 110, "framesIn") \
    X(FRAMES_OUT, 111, "framesOut") \
    X(FRAMES_BAD, 112, "framesBad") \
    X(MESSAGES_IN, 113, "messagesIn") \
    X(MESSAGES_OUT, 114, "messagesOut") \
    X(MALFORMED, 115, "malformed") \
    X(DUPLICATES, 116, "duplicates") \
    X(RETRANSMISSIONS, 117, "retransmissions") \
    X(TIMEOUTS, 118, "timeouts") \
    X(RESETS, 119, "resets") \
    X(JOBS, 120, "jobs") \
    X(JOB_MAX_MS, 121, "jobMaxMs") \
    X(DEADLINES, 122, "deadlines") \
    X(TRAPS, 123, "traps") \
    X(OVERRUNS, 124, "overruns") \
    X(KV_WRITES, 125, "kvWrites") \
    X(ERASES, 126, "erases") \
    X(KEY, 130, "key") \
    X(PREFIX, 131, "prefix") \
    X(RIGHTS, 132, "rights") \
    X(KID, 133, "kid") \
    X(TTL_S, 134, "ttlS") \
    X(OWNER, 135, "owner") \
    X(DETAIL, 136, "detail") \
    X(RIGHT, 137, "right") \
    X(LIMIT, 138, "limit") \
    X(METHOD, 139, "method") \
    X(CODE, 140, "code") \
    X(LINK, 141, "link") \
    X(ADDRESS, 142, "address") \
    X(SINCE, 143, "since") \
    X(LAST_SEEN, 144, "lastSeen") \
    X(LAST_ERROR, 145, "lastError") \
    X(COAP, 146, "coap") \
    X(HREF, 147, "href") \
    X(IDLE_MS, 150, "idleMs") \
    X(MAX_EVENTS, 151, "maxEvents") \
    X(CREATE_AFTER_MS, 152, "createAfterMs") \
    X(MAX_RESTARTS, 153, "maxRestarts") \
    X(WINDOW_MS, 154, "windowMs") \
    X(INSTANCE_OVERHEAD, 155, "instanceOverhead") \
    X(FROM, 160, "from") \
    X(INCARNATION, 161, "incarnation") \
    X(CORRELATION, 162, "correlation") \
    X(FLAGS, 163, "flags") \
    X(TTL_MS, 164, "ttlMs") \
    X(HOPS, 165, "hops") \
    X(PAYLOAD, 166, "payload") \
    X(OUTCOME, 167, "outcome") \
    X(LOCAL, 168, "local") \
    X(SEQ, 169, "seq") \
    X(SENT, 170, "sent") \
    X(UNDELIVERED, 171, "undelivered") \
    X(REFUSED, 172, "refused") \
    X(LOCAL_MESSAGES, 173, "localMessages") \
    X(REMOTE_MESSAGES, 174, "remoteMessages") \
    X(REPEATED_MESSAGES, 175, "repeatedMessages") \
    X(LOST_REPORTS, 176, "lostReports") \
    X(NAMES, 177, "names")

#define RADON_FIELD_MAX 177

typedef enum {
#define X(name, key, text) RADON_FIELD_##name = key,
    RADON_FIELDS(X)
#undef X
} radon_field_t;

#endif
