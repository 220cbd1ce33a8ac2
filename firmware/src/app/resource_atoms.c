/** /atoms and /atoms/{name}: state, manifests, control. */
#include "radon/app/resources.h"
#include "radon/runtime/names.h"
#include "radon/runtime/phase.h"

static const char *trap_sentence(radon_trap_t trap)
{
    static const char *const sentences[] = {
        [RADON_TRAP_NONE] = "",
        [RADON_TRAP_UNREACHABLE] = "An assertion failed or code that must not be reached was reached.",
        [RADON_TRAP_MEMORY] = "An access outside its memory.",
        [RADON_TRAP_STACK] = "The stack overflowed.",
        [RADON_TRAP_DEADLINE] = "It ran longer than its deadline.",
        [RADON_TRAP_ARITHMETIC] = "A division by zero, an overflow or a conversion of what is no integer.",
        [RADON_TRAP_TABLE] = "A call through an entry beyond the table.",
        [RADON_TRAP_CALL] = "A call through a table entry that is empty or of another type.",
        [RADON_TRAP_ABORT] = "The engine gave up.",
    };
    return sentences[trap];
}

static void write_function(radon_document_t *doc, const radon_trap_report_t *trap)
{
    uint8_t text[RADON_MAX_NAME_BYTES + 1];
    radon_sink_t sink;
    radon_sink_init(&sink, text, sizeof text, 0);
    if (trap->name[0] != 0) {
        radon_sink_text(&sink, trap->name);
    } else {
        radon_sink_put(&sink, '#');
        radon_sink_u64(&sink, trap->function);
    }
    radon_document_field_text(doc, RADON_FIELD_FUNCTION, radon_sink_window(&sink));
    radon_document_field_uint(doc, RADON_FIELD_OFFSET, trap->offset);
}

static void write_trap(radon_document_t *doc, const radon_trap_report_t *trap)
{
    radon_document_field(doc, RADON_FIELD_TRAP);
    radon_document_map(doc, trap->located ? 5 : 3);
    radon_document_field_text(doc, RADON_FIELD_KIND, radon_bytes_text(radon_trap_name(trap->kind)));
    radon_document_field_text(doc, RADON_FIELD_REASON, radon_bytes_text(trap_sentence(trap->kind)));
    radon_document_field_text(doc, RADON_FIELD_EVENT, radon_bytes_text(radon_event_kind_name(trap->event)));
    if (trap->located) {
        write_function(doc, trap);
    }
    radon_document_end(doc);
}

static void write_memory(radon_document_t *doc, const radon_definition_t *definition)
{
    radon_document_field(doc, RADON_FIELD_MEMORY);
    radon_document_map(doc, 4);
    radon_document_field_uint(doc, RADON_FIELD_LOAD, definition->need_load);
    radon_document_field_uint(doc, RADON_FIELD_RUN, definition->need_run);
    radon_document_field_uint(doc, RADON_FIELD_USED,
                              definition->atom == NULL ? 0 : radon_atom_memory_used(definition->atom));
    radon_document_field_uint(doc, RADON_FIELD_TOTAL, definition->block_size);
    radon_document_end(doc);
}

static void write_storage(radon_document_t *doc, const radon_definition_t *definition)
{
    radon_document_field(doc, RADON_FIELD_STORAGE);
    radon_document_map(doc, 2);
    radon_document_field_uint(doc, RADON_FIELD_USED, definition->storage_used);
    radon_document_field_uint(doc, RADON_FIELD_TOTAL, definition->storage_total);
    radon_document_end(doc);
}

/** Whether an event that waits belongs to an instance. */
static bool is_ready(const radon_inbox_event_t *event)
{
    return (event->marks & (RADON_INBOX_ASSIGNED | RADON_INBOX_STARTED)) != 0 || event->number != 0 ||
           (event->turn != 0 && (event->marks & RADON_INBOX_REJECTED) == 0);
}

static void write_inbox(radon_document_t *doc, const radon_definition_t *definition)
{
    uint32_t waiting = 0;
    uint32_t ready = 0;
    const radon_inbox_t *inbox = definition->atom == NULL ? NULL : &definition->atom->inbox;
    for (uint8_t i = 0; inbox != NULL && i < inbox->count; i++) {
        bool closed = (inbox->events[i].marks & RADON_INBOX_CLOSED) != 0;
        ready += !closed && is_ready(&inbox->events[i]);
        waiting += !closed && !is_ready(&inbox->events[i]);
    }
    radon_document_field(doc, RADON_FIELD_INBOX);
    radon_document_map(doc, 4);
    radon_document_field_uint(doc, RADON_FIELD_WAITING, waiting);
    radon_document_field_uint(doc, RADON_FIELD_READY, ready);
    radon_document_field_uint(doc, RADON_FIELD_DONE, definition->done);
    radon_document_field_uint(doc, RADON_FIELD_DROPPED, definition->dropped);
    radon_document_end(doc);
}

static void write_instance(radon_document_t *doc, const radon_actor_t *actor)
{
    uint8_t name[RADON_ACTOR_NAME_BYTES];
    uint64_t since = actor->activated_us;
    uint64_t age_us = since == 0 ? 0 : radon_port_now_us() - since;
    radon_document_map(doc, 4);
    radon_document_field_text(doc, RADON_FIELD_PHASE, radon_bytes_text(radon_phase_name(actor->phase)));
    radon_document_field_uint(doc, RADON_FIELD_ACTIVATIONS, actor->activations);
    radon_document_field_uint(doc, RADON_FIELD_AGE_MS, age_us / 1000U);
    radon_document_field_text(doc, RADON_FIELD_INSTANCE, radon_actor_name(actor, name));
    radon_document_end(doc);
}

/** A spawned instance is there once it was made. */
static bool is_there(const radon_actor_t *actor)
{
    return actor->state == RADON_ACTOR_LIVE || actor->state == RADON_ACTOR_BACKOFF;
}

static size_t count_instances(const radon_atom_t *atom)
{
    size_t count = 0;
    for (uint8_t i = 0; atom != NULL && i < atom->configuration.instances; i++) {
        count += is_there(&atom->actors[i]);
    }
    return count;
}

static void write_instances(radon_document_t *doc, const radon_atom_t *atom)
{
    radon_document_field(doc, RADON_FIELD_INSTANCES);
    radon_document_array(doc, count_instances(atom));
    for (const radon_actor_t *actor = radon_atom_next_actor(atom, -1); actor != NULL;
         actor = radon_atom_next_actor(atom, actor->number)) {
        if (is_there(actor)) {
            write_instance(doc, actor);
        }
    }
    radon_document_end(doc);
}

static void write_missing(radon_document_t *doc, const radon_node_upload_t *upload)
{
    radon_document_field(doc, RADON_FIELD_MISSING);
    radon_document_array(doc, 1);
    radon_document_map(doc, 3);
    radon_document_field_bytes(doc, RADON_FIELD_DIGEST, radon_bytes(upload->digest, RADON_IMAGES_DIGEST));
    radon_document_field_uint(doc, RADON_FIELD_SIZE, upload->size);
    radon_document_field_uint(doc, RADON_FIELD_HAVE, upload->have);
    radon_document_end(doc);
    radon_document_end(doc);
}

static void write_kind(radon_document_t *doc, const radon_definition_t *definition)
{
    static const char *const policies[] = {RADON_POLICY_TEXTS};
    static const char *const recoveries[] = {RADON_RECOVERY_TEXTS};
    radon_document_field_text(doc, RADON_FIELD_KIND,
                              radon_bytes_text(definition->reactive ? "reactive" : "daemon"));
    if (definition->reactive) {
        radon_document_field_text(doc, RADON_FIELD_POLICY, radon_bytes_text(policies[definition->policy]));
    }
    radon_document_field_text(doc, RADON_FIELD_RECOVERY, radon_bytes_text(recoveries[definition->recovery]));
}

static size_t count_aliases(const radon_definition_t *definition)
{
    radon_names_t aliases = {.kinds = RADON_NAMES_ALIASES, .member = definition};
    size_t count = 0;
    while (radon_names_next(&radon_node.runtime, &aliases)) {
        count++;
    }
    return count;
}

static void write_aliases(radon_document_t *doc, const radon_definition_t *definition, size_t count)
{
    radon_names_t aliases = {.kinds = RADON_NAMES_ALIASES, .member = definition};
    radon_document_field(doc, RADON_FIELD_ALIASES);
    radon_document_array(doc, count);
    while (radon_names_next(&radon_node.runtime, &aliases)) {
        radon_document_text(doc, radon_names_current(&aliases));
    }
    radon_document_end(doc);
}

static void write_messages(radon_document_t *doc, const radon_definition_t *definition)
{
    radon_document_field_uint(doc, RADON_FIELD_SENT, definition->sent);
    radon_document_field_uint(doc, RADON_FIELD_UNDELIVERED, definition->undelivered);
    radon_document_field_uint(doc, RADON_FIELD_REFUSED, definition->refused);
}

static void write_atom(radon_document_t *doc, const radon_definition_t *definition)
{
    const radon_node_upload_t *upload = &radon_node.uploads[radon_node_index(definition)];
    bool lives = count_instances(definition->atom) > 0;
    bool trapped = definition->trap.kind != RADON_TRAP_NONE;
    bool missing = upload->digest != NULL && upload->have < upload->size;
    bool reasoned = definition->reason[0] != 0;
    size_t aliases = count_aliases(definition);
    radon_document_map(doc, (size_t)14 + definition->reactive + (aliases > 0) + lives + trapped + reasoned +
                                definition->exited + missing);
    radon_document_field_text(doc, RADON_FIELD_NAME, radon_definition_name(definition));
    radon_document_field_text(doc, RADON_FIELD_VERSION, definition->version);
    radon_document_field_uint(doc, RADON_FIELD_SEQUENCE, definition->sequence);
    write_kind(doc, definition);
    if (aliases > 0) {
        write_aliases(doc, definition, aliases);
    }
    write_memory(doc, definition);
    write_storage(doc, definition);
    write_inbox(doc, definition);
    radon_document_field_text(doc, RADON_FIELD_PHASE, radon_bytes_text(radon_definition_phase(definition)));
    radon_document_field_text(doc, RADON_FIELD_SLOT, radon_bytes_text(definition->slot == 0 ? "a" : "b"));
    if (lives) {
        write_instances(doc, definition->atom);
    }
    radon_document_field_uint(doc, RADON_FIELD_RESTARTS, definition->restarts);
    if (trapped) {
        write_trap(doc, &definition->trap);
    }
    if (reasoned) {
        radon_document_field_text(doc, RADON_FIELD_REASON, radon_bytes_text(definition->reason));
    }
    if (definition->exited) {
        radon_document_field_int(doc, RADON_FIELD_EXIT_CODE, definition->exit_code);
    }
    if (missing) {
        write_missing(doc, upload);
    }
    write_messages(doc, definition);
    radon_document_end(doc);
}

RADON_RESOURCE_HANDLER(atoms)
{
    (void)context;
    (void)request;
    radon_document_t doc;
    size_t count = 0;
    for (uint32_t i = 0; i < RADON_MAX_ATOMS; i++) {
        count += radon_node.runtime.definitions[i].used;
    }
    if (!radon_coap_response_document(response, &doc)) {
        return RADON_COAP_DONE;
    }
    radon_document_array(&doc, count);
    for (uint32_t i = 0; i < RADON_MAX_ATOMS; i++) {
        if (radon_node.runtime.definitions[i].used) {
            write_atom(&doc, &radon_node.runtime.definitions[i]);
        }
    }
    radon_document_end(&doc);
    return RADON_COAP_DONE;
}

void radon_resource_list_atoms(void *context, radon_link_writer_t *links)
{
    static const uint16_t formats[] = {RADON_FORMAT_CBOR, RADON_FORMAT_JSON, RADON_FORMAT_TEXT};
    static const radon_link_attributes_t attributes = {
        .rt = {.data = (const uint8_t *)"radon.atom", .len = 10}, .ct = formats, .ct_count = 3, .obs = true};
    (void)context;
    for (uint32_t i = 0; i < RADON_MAX_ATOMS; i++) {
        const radon_definition_t *definition = &radon_node.runtime.definitions[i];
        if (definition->used) {
            uint8_t path[6 + RADON_MAX_NAME_BYTES];
            memcpy(path, "atoms/", 6);
            memcpy(path + 6, definition->name, definition->name_length);
            radon_link_write(links, radon_bytes(path, 6U + definition->name_length), &attributes);
        }
    }
}

/* ---- Manifests ---- */

/** Puts a block of a manifest behind the ones before; false when one is missing. */
static bool add_block(radon_job_t *job, const radon_coap_request_t *request)
{
    size_t offset = radon_coap_request_offset(request);
    bool repeated = offset + request->payload.len == job->length;
    if ((offset != job->length && !repeated) || offset + request->payload.len > RADON_MAX_MANIFEST_BYTES) {
        return false;
    }
    memcpy(radon_job_buffer(&radon_node.jobs, job) + offset, request->payload.data, request->payload.len);
    job->length = (uint16_t)(offset + request->payload.len);
    job->since = radon_tick_at(radon_port_now_us());
    return true;
}

/** The job that gathers this manifest: a new one for the first block. */
static radon_job_t *claim_job(const radon_coap_request_t *request, bool *busy)
{
    uint32_t sender = radon_resource_sender(request->endpoint);
    radon_bytes_t name = request->path[1];
    radon_job_t *job = radon_jobs_find_receiving(&radon_node.jobs, sender, name);
    *busy = false;
    if (radon_coap_request_offset(request) != 0) {
        return job;
    }
    if (job == NULL) {
        job = radon_jobs_reserve(&radon_node.jobs, RADON_JOB_MANIFEST, true);
        *busy = job == NULL;
    }
    if (job != NULL) {
        job->sender = sender;
        job->length = 0;
        job->name_length = (uint8_t)name.len;
        memcpy(job->name, name.data, name.len);
    }
    return job;
}

static radon_coap_handled_t put_manifest(const radon_coap_request_t *request, radon_coap_response_t *response)
{
    bool busy;
    if (request->content_format != RADON_FORMAT_COSE_SIGN1) {
        radon_coap_response_code(response, RADON_COAP_UNSUPPORTED_CONTENT_FORMAT);
        return RADON_COAP_DONE;
    }
    radon_job_t *job = claim_job(request, &busy);
    if (busy) {
        return radon_resource_busy(response);
    }
    if (job == NULL || !add_block(job, request)) {
        radon_coap_response_code(response, RADON_COAP_REQUEST_ENTITY_INCOMPLETE);
        return RADON_COAP_DONE;
    }
    if (!radon_coap_request_is_last(request)) {
        radon_coap_response_code(response, RADON_COAP_CONTINUE);
        return RADON_COAP_DONE;
    }
    job->exchange = request->exchange;
    radon_jobs_queue(&radon_node.jobs, job);
    return RADON_COAP_LATER;
}

/* ---- Control ---- */

static radon_coap_handled_t queue_control(const radon_coap_request_t *request,
                                          radon_coap_response_t *response, radon_job_kind_t kind)
{
    radon_job_t *job = radon_jobs_reserve(&radon_node.jobs, kind, false);
    if (job == NULL) {
        return radon_resource_busy(response);
    }
    job->name_length = (uint8_t)request->path[1].len;
    memcpy(job->name, request->path[1].data, request->path[1].len);
    job->exchange = request->exchange;
    radon_jobs_queue(&radon_node.jobs, job);
    return RADON_COAP_LATER;
}

static radon_coap_handled_t post_command(const radon_coap_request_t *request, radon_coap_response_t *response)
{
    static const struct {
        const char *word;
        radon_job_kind_t kind;
    } commands[] = {{"start", RADON_JOB_START},
                    {"stop", RADON_JOB_STOP},
                    {"restart", RADON_JOB_RESTART},
                    {"freeze", RADON_JOB_FREEZE},
                    {"thaw", RADON_JOB_THAW}};
    radon_bytes_t word = radon_resource_command(request);
    for (uint32_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        if (radon_bytes_equal_text(word, commands[i].word)) {
            return queue_control(request, response, commands[i].kind);
        }
    }
    return radon_resource_problem(response, RADON_PROBLEM_BAD_CONTENT, RADON_FIELD_DETAIL,
                                  radon_bytes_text("command must be start, stop, restart, freeze or thaw"));
}

RADON_RESOURCE_HANDLER(atom)
{
    (void)context;
    radon_document_t doc;
    radon_bytes_t name = request->path[1];
    if (request->method == RADON_METHOD_PUT && name.len <= RADON_MAX_NAME_BYTES) {
        return put_manifest(request, response);
    }
    const radon_definition_t *definition = radon_runtime_find(&radon_node.runtime, name);
    if (definition == NULL) {
        return radon_resource_problem(response, RADON_PROBLEM_NO_SUCH_ATOM, RADON_FIELD_NAME, name);
    }
    switch (request->method) {
    case RADON_METHOD_POST:
        return post_command(request, response);
    case RADON_METHOD_DELETE:
        return queue_control(request, response, RADON_JOB_DELETE);
    default:
        if (radon_coap_response_document(response, &doc)) {
            write_atom(&doc, definition);
        }
        return RADON_COAP_DONE;
    }
}
