#include "check.h"

#include <string.h>

/* Features by opcode, as docs/atom-abi.json names and describes them. Ranges include both ends. */
static const struct {
    uint8_t first;
    uint8_t last;
    const char *feature;
} refused_opcodes[] = {
    {0x06, 0x0A, "exceptions"},
    {0x12, 0x13, "tail-calls"},
    {0x14, 0x15, "gc"},
    {0x18, 0x19, "exceptions"},
    {0x1C, 0x1C, "reference-types"},
    {0x1F, 0x1F, "exceptions"},
    {0x25, 0x25, "reference-types"},
    {0x26, 0x26, "table.set"},
    {0x3F, 0x3F, "memory.size"},
    {0x40, 0x40, "memory.grow"},
    {0xD0, 0xD2, "reference-types"},
    {0xD3, 0xD6, "gc"},
    {0xFB, 0xFB, "gc"},
    {0xFD, 0xFD, "simd"},
    {0xFE, 0xFE, "threads"},
};

#define BULK_PREFIX 0xFCU
#define BULK_MEMORY_INIT 8U
#define BULK_MEMORY_COPY 10U
#define BULK_MEMORY_FILL 11U

/* The second number after 0xFC; numbers without a feature here are read. */
static const char *const refused_bulk[] = {
    [9] = "data.drop",   [12] = "table.init",      [13] = "elem.drop",  [14] = "table.copy",
    [15] = "table.grow", [16] = "reference-types", [17] = "table.fill",
};

#define TYPE_I32 0x7FU
#define TYPE_F64 0x7CU
#define TYPE_V128 0x7BU
#define TYPE_FUNCREF 0x70U
#define TYPE_EXTERNREF 0x6FU
#define BLOCK_EMPTY 0x40U

void radon_check_value_type(radon_check_t *check, radon_reader_t *reader, const char *reference)
{
    uint8_t type = radon_reader_byte(reader);
    if (type >= TYPE_F64 && type <= TYPE_I32) {
        return;
    }
    if (type == TYPE_V128) {
        radon_check_refuse(check, reader, "simd");
    } else if (type == TYPE_FUNCREF || type == TYPE_EXTERNREF) {
        radon_check_refuse(check, reader, reference);
    } else if (type >= 0x5E && type <= 0x74) {
        radon_check_refuse(check, reader, "gc");
    } else {
        radon_reader_fail(reader, "unknown type");
    }
}

/** Empty, one value type, or the index of a function type (multi-value). */
static void skip_block_type(radon_check_t *check, radon_reader_t *reader)
{
    uint8_t type = radon_reader_peek(reader);
    if (type == BLOCK_EMPTY) {
        radon_reader_skip(reader, 1);
    } else if (type > BLOCK_EMPTY && type < 0x80) {
        radon_check_value_type(check, reader, "reference-types");
    } else {
        radon_reader_skip_signed(reader, 33);
    }
}

static void skip_branch_table(radon_reader_t *reader)
{
    uint32_t count = radon_reader_count(reader);
    for (uint32_t i = 0; i <= count && reader->failure == NULL; i++) {
        (void)radon_reader_u32(reader);
    }
}

/** Alignment and offset; an alignment above 8 bytes is another feature's flag or nonsense. */
static void skip_memory_argument(radon_reader_t *reader)
{
    if (radon_reader_u32(reader) > 3) {
        radon_reader_fail(reader, "alignment too large");
    }
    (void)radon_reader_u32(reader);
}

/** Memory and table indices are one zero byte: nodes know one memory and one table. */
static void expect_zero(radon_reader_t *reader)
{
    if (radon_reader_byte(reader) != 0) {
        radon_reader_fail(reader, "zero byte expected");
    }
}

/** Instructions of the bulk-memory and saturating-conversion features: the number after 0xFC. */
static void skip_bulk(radon_check_t *check, radon_reader_t *reader)
{
    uint32_t second = radon_reader_u32(reader);
    size_t known = sizeof refused_bulk / sizeof refused_bulk[0];
    if (second >= known) {
        radon_reader_fail(reader, "unknown opcode");
    } else if (refused_bulk[second] != NULL) {
        radon_check_refuse(check, reader, refused_bulk[second]);
    } else if (second == BULK_MEMORY_INIT) {
        (void)radon_reader_u32(reader);
        expect_zero(reader);
    } else if (second == BULK_MEMORY_COPY) {
        expect_zero(reader);
        expect_zero(reader);
    } else if (second == BULK_MEMORY_FILL) {
        expect_zero(reader);
    }
}

static void skip_constant(radon_reader_t *reader, uint8_t opcode)
{
    switch (opcode) {
    case 0x41:
        (void)radon_reader_s32(reader);
        break;
    case 0x42:
        radon_reader_skip_signed(reader, 64);
        break;
    case 0x43:
        radon_reader_skip(reader, 4);
        break;
    default:
        radon_reader_skip(reader, 8);
    }
}

/** Immediates of control and parametric instructions; what is missing here is not an instruction. */
static void skip_control(radon_check_t *check, radon_reader_t *reader, uint8_t opcode)
{
    switch (opcode) {
    case 0x00: /* unreachable */
    case 0x01: /* nop */
    case 0x05: /* else */
    case 0x0B: /* end */
    case 0x0F: /* return */
    case 0x1A: /* drop */
    case 0x1B: /* select */
        break;
    case 0x02: /* block */
    case 0x03: /* loop */
    case 0x04: /* if */
        skip_block_type(check, reader);
        break;
    case 0x0C: /* br */
    case 0x0D: /* br_if */
    case 0x10: /* call */
        (void)radon_reader_u32(reader);
        break;
    case 0x0E: /* br_table */
        skip_branch_table(reader);
        break;
    case 0x11: /* call_indirect */
        (void)radon_reader_u32(reader);
        expect_zero(reader);
        break;
    default:
        radon_reader_fail(reader, "unknown opcode");
    }
}

static const char *refused_feature(uint8_t opcode)
{
    for (size_t i = 0; i < sizeof refused_opcodes / sizeof refused_opcodes[0]; i++) {
        if (opcode >= refused_opcodes[i].first && opcode <= refused_opcodes[i].last) {
            return refused_opcodes[i].feature;
        }
    }
    return NULL;
}

uint8_t radon_check_instruction(radon_check_t *check, radon_reader_t *reader)
{
    uint8_t opcode = radon_reader_byte(reader);
    const char *feature = refused_feature(opcode);
    if (feature != NULL) {
        radon_check_refuse(check, reader, feature);
    } else if (opcode >= 0x45 && opcode <= 0xC4) {
        return opcode; /* numeric, without immediates */
    } else if (opcode >= 0x28 && opcode <= 0x3E) {
        skip_memory_argument(reader);
    } else if (opcode >= 0x20 && opcode <= 0x24) {
        (void)radon_reader_u32(reader); /* local.* and global.* */
    } else if (opcode >= 0x41 && opcode <= 0x44) {
        skip_constant(reader, opcode);
    } else if (opcode == BULK_PREFIX) {
        skip_bulk(check, reader);
    } else {
        skip_control(check, reader, opcode);
    }
    return opcode;
}

void radon_check_constant(radon_check_t *check, radon_reader_t *reader, int32_t *value, bool *known)
{
    bool is_i32 = radon_reader_peek(reader) == 0x41;
    int32_t constant = 0;
    if (is_i32) {
        radon_reader_skip(reader, 1);
        constant = radon_reader_s32(reader);
    } else {
        uint8_t opcode = radon_check_instruction(check, reader);
        if (opcode != 0x23 && (opcode < 0x42 || opcode > 0x44)) {
            radon_reader_fail(reader, "not a constant");
        }
    }
    if (radon_reader_byte(reader) != 0x0B) {
        radon_reader_fail(reader, "constant expression without end");
    }
    if (value != NULL) {
        *value = constant;
    }
    if (known != NULL) {
        *known = is_i32 && reader->failure == NULL;
    }
}
