#include "radon/runtime/aliases.h"

static bool is_of(const radon_alias_member_t *member, uint8_t definition, uint32_t number)
{
    return member->length > 0 && member->definition == definition && member->number == number;
}

static radon_alias_member_t *find(radon_aliases_t *aliases, radon_bytes_t alias, uint8_t definition,
                                  uint32_t number)
{
    for (size_t i = 0; i < RADON_ALIAS_MEMBERS; i++) {
        radon_alias_member_t *member = &aliases->members[i];
        if (is_of(member, definition, number) && radon_bytes_equal(radon_alias_name(member), alias)) {
            return member;
        }
    }
    return NULL;
}

/** A free place, or NULL when there is none or the instance joined enough. */
static radon_alias_member_t *claim(radon_aliases_t *aliases, uint8_t definition, uint32_t number)
{
    radon_alias_member_t *free = NULL;
    size_t joined = 0;
    for (size_t i = 0; i < RADON_ALIAS_MEMBERS; i++) {
        radon_alias_member_t *member = &aliases->members[i];
        joined += is_of(member, definition, number) ? 1U : 0U;
        free = free == NULL && member->length == 0 ? member : free;
    }
    return joined < RADON_MAX_ALIASES ? free : NULL;
}

radon_err_t radon_aliases_join(radon_aliases_t *aliases, radon_bytes_t alias, uint8_t definition,
                               uint32_t number)
{
    if (find(aliases, alias, definition, number) != NULL) {
        return RADON_OK;
    }
    radon_alias_member_t *member = claim(aliases, definition, number);
    if (member == NULL) {
        return RADON_E_QUOTA;
    }
    *member =
        (radon_alias_member_t){.length = (uint8_t)alias.len, .definition = definition, .number = number};
    memcpy(member->alias, alias.data, alias.len);
    return RADON_OK;
}

radon_err_t radon_aliases_leave(radon_aliases_t *aliases, radon_bytes_t alias, uint8_t definition,
                                uint32_t number)
{
    radon_alias_member_t *member = find(aliases, alias, definition, number);
    if (member == NULL) {
        return RADON_E_NOT_FOUND;
    }
    member->length = 0;
    return RADON_OK;
}

bool radon_aliases_forget(radon_aliases_t *aliases, uint8_t definition, uint32_t number)
{
    bool any = false;
    for (size_t i = 0; i < RADON_ALIAS_MEMBERS; i++) {
        if (is_of(&aliases->members[i], definition, number)) {
            aliases->members[i].length = 0;
            any = true;
        }
    }
    return any;
}

const radon_alias_member_t *radon_aliases_next(const radon_aliases_t *aliases, size_t *index)
{
    while (*index < RADON_ALIAS_MEMBERS) {
        const radon_alias_member_t *member = &aliases->members[(*index)++];
        if (member->length > 0) {
            return member;
        }
    }
    return NULL;
}
