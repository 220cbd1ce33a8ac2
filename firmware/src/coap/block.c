#include "radon/coap/block.h"

bool radon_coap_block_parse(radon_coap_block_t *block, uint32_t value)
{
    *block = (radon_coap_block_t){
        .present = true, .more = (value & 8) != 0, .szx = (uint8_t)(value & 7), .num = value >> 4};
    return block->szx <= RADON_COAP_SZX_MAX;
}

uint32_t radon_coap_block_value(const radon_coap_block_t *block)
{
    return block->num << 4 | (block->more ? 8u : 0u) | block->szx;
}
