#include "radon/runtime/names.h"

#include "radon/base/cbor_read.h"

/** The lowest name behind the last one that was found so far. */
typedef struct {
    const radon_names_t *names;
    uint8_t length; /**< 0: none */
    uint8_t name[RADON_INSTANCE_NAME_BYTES];
} search_t;

/** Below 0, 0 or above 0, byte by byte; a beginning stands before what it begins. */
static int compare(radon_bytes_t a, radon_bytes_t b)
{
    size_t shorter = a.len < b.len ? a.len : b.len;
    int order = shorter == 0 ? 0 : memcmp(a.data, b.data, shorter);
    return order != 0 ? order : (int)a.len - (int)b.len;
}

static void consider(search_t *search, radon_bytes_t name)
{
    bool behind = compare(name, radon_names_current(search->names)) > 0;
    if (behind && (search->length == 0 || compare(name, radon_bytes(search->name, search->length)) < 0)) {
        memcpy(search->name, name.data, name.len);
        search->length = (uint8_t)name.len;
    }
}

static void consider_instances(search_t *search, const radon_atom_t *atom)
{
    uint8_t name[RADON_ACTOR_NAME_BYTES];
    for (uint8_t i = 0; i < atom->configuration.instances; i++) {
        if (atom->actors[i].state != RADON_ACTOR_NONE) {
            consider(search, radon_actor_name(&atom->actors[i], name));
        }
    }
}

static void consider_configured(search_t *search, const radon_atom_t *atom)
{
    radon_cbor_reader_t list;
    radon_bytes_t alias;
    uint32_t count;
    if (atom->configuration.aliases.len == 0) {
        return;
    }
    radon_cbor_reader_init(&list, atom->configuration.aliases);
    (void)radon_cbor_enter_array(&list, &count);
    while (radon_cbor_has_next(&list) && radon_cbor_read_text(&list, &alias)) {
        consider(search, alias);
    }
}

static void consider_joined(search_t *search, const radon_runtime_t *runtime, uint8_t definition)
{
    size_t index = 0;
    const radon_alias_member_t *member;
    while ((member = radon_aliases_next(&runtime->messaging.aliases, &index)) != NULL) {
        if (member->definition == definition) {
            consider(search, radon_alias_name(member));
        }
    }
}

static void consider_atom(search_t *search, const radon_runtime_t *runtime, uint8_t index)
{
    const radon_definition_t *definition = &runtime->definitions[index];
    const radon_names_t *names = search->names;
    if ((names->kinds & RADON_NAMES_ATOMS) != 0) {
        consider(search, radon_definition_name(definition));
    }
    if ((names->kinds & RADON_NAMES_INSTANCES) != 0) {
        consider_instances(search, definition->atom);
    }
    bool member = names->member == NULL || names->member == definition;
    if ((names->kinds & RADON_NAMES_ALIASES) != 0 && member) {
        consider_configured(search, definition->atom);
        consider_joined(search, runtime, index);
    }
}

bool radon_names_next(radon_runtime_t *runtime, radon_names_t *names)
{
    search_t search = {.names = names};
    for (uint8_t i = 0; i < RADON_MAX_ATOMS; i++) {
        if (runtime->definitions[i].used && radon_definition_serves(&runtime->definitions[i])) {
            consider_atom(&search, runtime, i);
        }
    }
    names->length = search.length;
    memcpy(names->name, search.name, search.length);
    return search.length > 0;
}
