/*
 * Power cuts of the image log: at every operation of a workload of pushes, uploads, switches, deletions and
 * compactions; for a part of them also at every operation of the restart.
 */

#include "check.h"
#include "flash_fake.h"
#include "radon/base/sha256.h"
#include "radon/store/images.h"

enum { SECTOR = 3584, NAMES = 2, KINDS = 4, STEPS = 1200, LARGEST = 700, SECOND_CUT_EVERY = 199 };

static const uint32_t sectors[2] = {0, 1};
static const char *const names[NAMES] = {"rain", "echo"};
static const uint32_t sizes[KINDS] = {301, 64, LARGEST, 192};

typedef struct {
    radon_slot_state_t state;
    uint32_t sequence;
    uint32_t kind;
} model_slot_t;

typedef struct {
    uint32_t sequence;
    model_slot_t slots[2];
} model_atom_t;

/** What the log should hold. */
typedef struct {
    model_atom_t atoms[NAMES];
    uint32_t have[KINDS]; /**< bytes acknowledged, as long as a slot names the payload */
    bool complete[KINDS];
} model_t;

static flash_fake_t fake;
static radon_images_t images;
static model_t before; /**< as acknowledged */
static model_t after;  /**< when the step under way takes effect */
static uint8_t code[KINDS][LARGEST];
static uint8_t digests[KINDS][RADON_SHA256_BYTES];
static uint32_t seed;
static uint32_t restarts;
static uint32_t cuts;
static uint32_t recovery_cuts;

static radon_images_new_t new_version(char *manifest, uint32_t name, uint32_t sequence, uint32_t kind)
{
    const int length = sprintf(manifest, "%s-%u-%u", names[name], (unsigned)sequence, (unsigned)kind);
    return (radon_images_new_t){radon_bytes_text(names[name]), radon_bytes(manifest, (size_t)length),
                                sequence, digests[kind], sizes[kind]};
}

/* ---- Is the log as the model says? ---- */

static bool slot_is(const radon_slot_t *slot, uint32_t name, const model_slot_t *model)
{
    char manifest[32];
    if (slot->state != model->state || slot->state == RADON_SLOT_EMPTY) {
        return slot->state == model->state;
    }
    const radon_images_new_t version = new_version(manifest, name, model->sequence, model->kind);
    return slot->sequence == model->sequence && slot->size == version.size &&
           radon_bytes_equal(slot->manifest, version.manifest) &&
           memcmp(slot->digest, version.digest, RADON_IMAGES_DIGEST) == 0;
}

static bool holds(const radon_images_t *store, const model_t *model)
{
    for (uint32_t name = 0; name < NAMES; name++) {
        radon_atom_record_t atom;
        radon_images_find(store, radon_bytes_text(names[name]), &atom);
        if (atom.sequence != model->atoms[name].sequence ||
            !slot_is(&atom.slots[0], name, &model->atoms[name].slots[0]) ||
            !slot_is(&atom.slots[1], name, &model->atoms[name].slots[1])) {
            return false;
        }
    }
    return true;
}

static uint32_t kind_of(const radon_slot_t *slot)
{
    uint32_t kind = 0;
    while (memcmp(digests[kind], slot->digest, RADON_IMAGES_DIGEST) != 0) {
        kind++;
    }
    return kind;
}

/** Bytes of the right code, at least those acknowledged, complete only in whole. */
static void check_payload(const radon_images_t *store, const radon_slot_t *slot)
{
    radon_payload_t payload;
    const uint32_t kind = kind_of(slot);
    radon_images_payload(store, slot, &payload);
    CHECK(payload.have >= before.have[kind] / RADON_IMAGES_CHUNK * RADON_IMAGES_CHUNK);
    CHECK(payload.complete || !before.complete[kind]);
    CHECK(!payload.complete || payload.have == slot->size);
    const uint32_t stored =
        payload.have == slot->size ? payload.have : payload.have / RADON_IMAGES_CHUNK * RADON_IMAGES_CHUNK;
    CHECK_BYTES(payload.bytes.data, stored, code[kind], stored);
    CHECK(slot->state == RADON_SLOT_PENDING || payload.complete);
}

static void each_payload(radon_images_t *store,
                         void (*check)(const radon_images_t *store, const radon_slot_t *slot))
{
    for (uint32_t i = 0; i < radon_images_count(store); i++) {
        radon_atom_record_t atom;
        radon_images_at(store, i, &atom);
        for (int slot = 0; slot < 2; slot++) {
            if (atom.slots[slot].state != RADON_SLOT_EMPTY) {
                check(store, &atom.slots[slot]);
            }
        }
    }
}

/** Ends an upload that the cut interrupted, and switches to it. */
static void finish_push(radon_images_t *store, uint32_t name)
{
    radon_atom_record_t atom;
    radon_images_find(store, radon_bytes_text(names[name]), &atom);
    const int pending = atom.slots[0].state == RADON_SLOT_PENDING ? 0 : 1;
    if (atom.slots[pending].state != RADON_SLOT_PENDING) {
        return;
    }
    uint32_t have;
    radon_payload_t payload;
    const uint32_t kind = kind_of(&atom.slots[pending]);
    radon_images_payload(store, &atom.slots[pending], &payload);
    const radon_bytes_t rest = radon_bytes(code[kind] + payload.have, sizes[kind] - payload.have);
    CHECK_EQ(radon_images_append(store, digests[kind], payload.have, rest, &have), RADON_OK);
    CHECK_EQ(radon_images_finish(store, digests[kind]), RADON_OK);
    radon_err_t result = radon_images_activate(store, radon_bytes_text(names[name]));
    if (result == RADON_E_BUSY) {
        CHECK_EQ(radon_images_erase_spare(store), RADON_OK);
        CHECK_EQ(radon_images_compact(store, radon_bytes_text("")), RADON_OK);
        result = radon_images_activate(store, radon_bytes_text(names[name]));
    }
    CHECK_EQ(result, RADON_OK);
}

static void check_restart(flash_fake_t *torn)
{
    radon_images_t store;
    restarts++;
    CHECK_EQ(radon_images_open(&store, &torn->flash, sectors), RADON_OK);
    CHECK(holds(&store, &before) || holds(&store, &after));
    each_payload(&store, check_payload);
    torn->before = NULL;
    for (uint32_t name = 0; name < NAMES && restarts % 3 == 0; name++) {
        finish_push(&store, name);
    }
    CHECK_EQ(torn->violations, 0);
}

/* ---- Cuts ---- */

static void cut_recovery(flash_fake_t *torn, const flash_fake_operation_t *operation)
{
    flash_fake_t again;
    flash_fake_open(&again, 2, SECTOR, 0xFF);
    for (flash_torn_t how = FLASH_TORN_NOTHING; how < FLASH_TORN_COUNT; how++) {
        flash_fake_copy(&again, torn);
        flash_fake_tear(&again, operation, how, &seed);
        recovery_cuts++;
        check_restart(&again);
    }
    flash_fake_close(&again);
}

static void cut(flash_fake_t *running, const flash_fake_operation_t *operation)
{
    flash_fake_t torn;
    flash_fake_open(&torn, 2, SECTOR, 0xFF);
    for (flash_torn_t how = FLASH_TORN_NOTHING; how < FLASH_TORN_COUNT; how++) {
        flash_fake_copy(&torn, running);
        flash_fake_tear(&torn, operation, how, &seed);
        torn.before = ++cuts % SECOND_CUT_EVERY == 0 ? cut_recovery : NULL;
        check_restart(&torn);
    }
    flash_fake_close(&torn);
}

/* ---- The workload ---- */

static uint32_t below(uint32_t limit)
{
    return flash_fake_random(&seed) % limit;
}

static int slot_in(const model_atom_t *atom, radon_slot_state_t state)
{
    return atom->slots[0].state == state ? 0 : atom->slots[1].state == state ? 1 : -1;
}

static uint32_t target_of(const model_atom_t *atom)
{
    const int active = slot_in(atom, RADON_SLOT_ACTIVE);
    return active == 0 ? 1 : 0;
}

static bool named(const model_t *model, uint32_t kind)
{
    for (uint32_t i = 0; i < 2 * NAMES; i++) {
        const model_slot_t *slot = &model->atoms[i / 2].slots[i % 2];
        if (slot->state != RADON_SLOT_EMPTY && slot->kind == kind) {
            return true;
        }
    }
    return false;
}

/** The step took effect. */
static void accept(void)
{
    for (uint32_t kind = 0; kind < KINDS; kind++) {
        if (!named(&after, kind)) {
            after.have[kind] = 0;
            after.complete[kind] = false;
        }
    }
    before = after;
    CHECK(holds(&images, &before));
    each_payload(&images, check_payload);
}

static void compact(uint32_t name)
{
    CHECK_EQ(radon_images_erase_spare(&images), RADON_OK);
    after.atoms[name].slots[target_of(&after.atoms[name])].state = RADON_SLOT_EMPTY;
    CHECK_EQ(radon_images_compact(&images, radon_bytes_text(names[name])), RADON_OK);
    accept();
}

static void put(uint32_t name, uint32_t kind)
{
    char manifest[32];
    uint32_t need;
    uint32_t free;
    const radon_images_new_t version =
        new_version(manifest, name, before.atoms[name].sequence + 1 + below(3), kind);
    radon_err_t result = radon_images_room(&images, &version, &need, &free);
    if (result == RADON_E_FULL) {
        return;
    }
    if (result == RADON_E_BUSY) {
        compact(name);
    }
    model_atom_t *atom = &after.atoms[name];
    atom->sequence = version.sequence;
    atom->slots[target_of(atom)] = (model_slot_t){RADON_SLOT_PENDING, version.sequence, kind};
    CHECK_EQ(radon_images_put(&images, &version), RADON_OK);
    accept();
}

/** What the log says; bytes that fill no chunk are forgotten when another payload gets bytes. */
static uint32_t have_now(uint32_t name, int slot)
{
    radon_atom_record_t atom;
    radon_payload_t payload;
    radon_images_find(&images, radon_bytes_text(names[name]), &atom);
    radon_images_payload(&images, &atom.slots[slot], &payload);
    return payload.have;
}

static void upload(uint32_t name, uint32_t most)
{
    const int pending = slot_in(&before.atoms[name], RADON_SLOT_PENDING);
    if (pending < 0) {
        return;
    }
    const uint32_t kind = before.atoms[name].slots[pending].kind;
    const uint32_t offset = have_now(name, pending);
    const uint32_t left = sizes[kind] - offset;
    const uint32_t piece = left < most ? left : most;
    uint32_t have;
    CHECK_EQ(
        radon_images_append(&images, digests[kind], offset, radon_bytes(code[kind] + offset, piece), &have),
        RADON_OK);
    CHECK_EQ(have, offset + piece);
    after.have[kind] = have;
    accept();
    if (have == sizes[kind]) {
        CHECK_EQ(radon_images_finish(&images, digests[kind]), RADON_OK);
        after.complete[kind] = true;
        accept();
    }
}

static radon_err_t activate(uint32_t name)
{
    model_atom_t *atom = &after.atoms[name];
    const int pending = slot_in(atom, RADON_SLOT_PENDING);
    if (pending < 0 || have_now(name, pending) < sizes[atom->slots[pending].kind]) {
        return RADON_E_NOT_FOUND;
    }
    atom->slots[pending].state = RADON_SLOT_ACTIVE;
    if (atom->slots[1 - pending].state != RADON_SLOT_EMPTY) {
        atom->slots[1 - pending].state = RADON_SLOT_PREVIOUS;
    }
    return radon_images_activate(&images, radon_bytes_text(names[name]));
}

static radon_err_t discard(uint32_t name)
{
    const int pending = slot_in(&after.atoms[name], RADON_SLOT_PENDING);
    if (pending >= 0) {
        after.atoms[name].slots[pending].state = RADON_SLOT_EMPTY;
    }
    return radon_images_discard(&images, radon_bytes_text(names[name]));
}

static radon_err_t revert(uint32_t name)
{
    model_atom_t *atom = &after.atoms[name];
    const int active = slot_in(atom, RADON_SLOT_ACTIVE);
    if (active >= 0 && slot_in(atom, RADON_SLOT_PREVIOUS) >= 0) {
        atom->slots[active].state = RADON_SLOT_PREVIOUS;
        atom->slots[1 - active].state = RADON_SLOT_ACTIVE;
    }
    return radon_images_revert(&images, radon_bytes_text(names[name]));
}

static radon_err_t delete_atom(uint32_t name)
{
    after.atoms[name].slots[0].state = RADON_SLOT_EMPTY;
    after.atoms[name].slots[1].state = RADON_SLOT_EMPTY;
    return radon_images_delete(&images, radon_bytes_text(names[name]));
}

/** One of the switches, after a compaction where the log is full. */
static void change(radon_err_t (*action)(uint32_t name), uint32_t name)
{
    radon_err_t result = action(name);
    if (result == RADON_E_BUSY) {
        after = before;
        compact(name);
        result = action(name);
    }
    CHECK(result == RADON_OK || result == RADON_E_NOT_FOUND);
    accept();
}

static void step(void)
{
    const uint32_t choice = below(24);
    const uint32_t name = below(NAMES);
    if (choice < 5) {
        put(name, below(KINDS));
    } else if (choice < 9) {
        upload(name, RADON_IMAGES_CHUNK * (1 + below(3)) - (below(4) == 0 ? 16 : 0));
    } else if (choice < 15) {
        upload(name, LARGEST);
    } else if (choice < 20) {
        change(activate, name);
    } else if (choice == 20) {
        change(revert, name);
    } else if (choice == 21) {
        change(discard, name);
    } else if (choice == 22) {
        change(delete_atom, name);
    } else {
        CHECK_EQ(radon_images_erase_spare(&images), RADON_OK);
    }
}

TEST(a_cut_at_any_operation_loses_nothing_that_was_acknowledged)
{
    seed = 4711;
    for (uint32_t kind = 0; kind < KINDS; kind++) {
        for (uint32_t i = 0; i < sizes[kind]; i++) {
            code[kind][i] = (uint8_t)flash_fake_random(&seed);
        }
        radon_sha256(radon_bytes(code[kind], sizes[kind]), digests[kind]);
    }
    memset(code[2] + 128, 0xFF, 200); /* bytes that look erased */
    radon_sha256(radon_bytes(code[2], sizes[2]), digests[2]);
    flash_fake_open(&fake, 2, SECTOR, 0xFF);
    fake.before = cut;
    CHECK_EQ(radon_images_open(&images, &fake.flash, sectors), RADON_OK);
    for (int i = 0; i < STEPS && !check_failed; i++) {
        step();
    }
    CHECK_EQ(fake.violations, 0);
    CHECK(radon_images_generation(&images) > 10);
    printf("# %u operations, %u compactions, %u restarts, %u of them after a second cut\n",
           (unsigned)fake.operations, (unsigned)radon_images_generation(&images) - 1, (unsigned)restarts,
           (unsigned)recovery_cuts);
    flash_fake_close(&fake);
}

int main(void)
{
    RUN(a_cut_at_any_operation_loses_nothing_that_was_acknowledged);
    return check_summary();
}
