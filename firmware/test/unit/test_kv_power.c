/* Power cuts of the KV store: at every operation of a workload, and at every operation of the restart after
 * it. */

#include "check.h"
#include "flash_fake.h"
#include "radon/store/kv.h"

/* Values are below 100 bytes here, so small sectors are enough and every few writes compact. */
enum { SECTOR = 1024, OWNERS = 3, KEYS = 5, STEPS = 400, VALUE = 60 };

static const uint32_t sectors[2] = {0, 1};
static const char *const owners[OWNERS] = {"a", "rain", RADON_KV_NODE};
static const char *const keys[KEYS] = {"k", "key", "total", "x", "xy"};

/** What the store should hold: length of each value (-1: none) and its bytes. */
typedef struct {
    int length[OWNERS][KEYS];
    uint8_t value[OWNERS][KEYS][VALUE];
} model_t;

static flash_fake_t fake;
static radon_kv_t kv;
static model_t before; /**< as acknowledged */
static model_t after;  /**< when the step under way takes effect */
static uint32_t seed;
static uint32_t restarts;
static uint32_t recovery_cuts;

static bool holds(const radon_kv_t *store, const model_t *model)
{
    for (int i = 0; i < OWNERS * KEYS; i++) {
        radon_bytes_t value;
        const int length = model->length[i / KEYS][i % KEYS];
        const radon_err_t result =
            radon_kv_get(store, radon_bytes_text(owners[i / KEYS]), radon_bytes_text(keys[i % KEYS]), &value);
        if (length < 0 ? result != RADON_E_NOT_FOUND : result != RADON_OK) {
            return false;
        }
        const radon_bytes_t expected =
            radon_bytes(model->value[i / KEYS][i % KEYS], length < 0 ? 0 : (size_t)length);
        if (length >= 0 && !radon_bytes_equal(value, expected)) {
            return false;
        }
    }
    return true;
}

/** Opens the store on a torn flash and checks that it is the one before or the one after, and works. */
static void check_restart(flash_fake_t *torn)
{
    radon_kv_t store;
    restarts++;
    CHECK_EQ(radon_kv_open(&store, &torn->flash, sectors), RADON_OK);
    const bool old = holds(&store, &before);
    CHECK(old || holds(&store, &after));
    CHECK_EQ(radon_kv_erase_spare(&store), RADON_OK);
    const radon_bytes_t owner = radon_bytes_text("a");
    CHECK_EQ(radon_kv_set(&store, owner, radon_bytes_text("new"), radon_bytes_text("1"), RADON_KV_UNLIMITED),
             RADON_OK);
    CHECK_EQ(radon_kv_open(&store, &torn->flash, sectors), RADON_OK);
    CHECK(holds(&store, old ? &before : &after));
    CHECK_EQ(torn->violations, 0);
}

/** Second cut, in what a restart itself writes. */
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

/** Every way to lose power at this operation. */
static void cut(flash_fake_t *running, const flash_fake_operation_t *operation)
{
    flash_fake_t torn;
    flash_fake_open(&torn, 2, SECTOR, 0xFF);
    for (flash_torn_t how = FLASH_TORN_NOTHING; how < FLASH_TORN_COUNT; how++) {
        flash_fake_copy(&torn, running);
        flash_fake_tear(&torn, operation, how, &seed);
        torn.before = operation->erase ? cut_recovery : NULL;
        check_restart(&torn);
    }
    flash_fake_close(&torn);
}

static void step_set(uint32_t owner, uint32_t key)
{
    const uint32_t length = flash_fake_random(&seed) % VALUE;
    after.length[owner][key] = (int)length;
    for (uint32_t i = 0; i < length; i++) {
        after.value[owner][key][i] = (uint8_t)flash_fake_random(&seed);
    }
    const radon_err_t result = radon_kv_set(&kv, radon_bytes_text(owners[owner]), radon_bytes_text(keys[key]),
                                            radon_bytes(after.value[owner][key], length), RADON_KV_UNLIMITED);
    CHECK(result == RADON_OK || result == RADON_E_FULL);
    if (result == RADON_E_FULL) {
        after = before;
    }
}

static void step(void)
{
    const uint32_t choice = flash_fake_random(&seed) % 20;
    const uint32_t owner = flash_fake_random(&seed) % OWNERS;
    const uint32_t key = flash_fake_random(&seed) % KEYS;
    if (choice == 0) {
        for (int i = 0; i < KEYS; i++) {
            after.length[owner][i] = -1;
        }
        CHECK_EQ(radon_kv_drop(&kv, radon_bytes_text(owners[owner])), RADON_OK);
    } else if (choice < 4) {
        const bool known = before.length[owner][key] >= 0;
        after.length[owner][key] = -1;
        CHECK_EQ(radon_kv_delete(&kv, radon_bytes_text(owners[owner]), radon_bytes_text(keys[key])),
                 known ? RADON_OK : RADON_E_NOT_FOUND);
    } else {
        step_set(owner, key);
    }
    before = after;
}

TEST(a_cut_at_any_operation_leaves_the_state_before_or_after)
{
    seed = 12345;
    memset(&before, 0xFF, sizeof(before));
    after = before;
    flash_fake_open(&fake, 2, SECTOR, 0xFF);
    fake.before = cut;
    CHECK_EQ(radon_kv_open(&kv, &fake.flash, sectors), RADON_OK);
    for (int i = 0; i < STEPS && !check_failed; i++) {
        step();
        CHECK(holds(&kv, &before));
    }
    CHECK_EQ(fake.violations, 0);
    CHECK(kv.erases > 10);
    printf("# %u operations, %u compactions, %u restarts, %u of them after a second cut\n",
           (unsigned)fake.operations, (unsigned)kv.erases, (unsigned)restarts, (unsigned)recovery_cuts);
    flash_fake_close(&fake);
}

int main(void)
{
    RUN(a_cut_at_any_operation_leaves_the_state_before_or_after);
    return check_summary();
}
