/** The table of atoms in RAM, shared by the sources of the image log. */
#ifndef RADON_STORE_IMAGES_TABLE_H
#define RADON_STORE_IMAGES_TABLE_H

#include "image_records.h"

/** Builds the table from the records of the active sector and forgets the upload. */
void radon_images_table_load(radon_images_t *images);

/** NULL when no slot of that name holds a manifest. */
const radon_images_entry_t *radon_images_table_find(const radon_images_t *images, radon_bytes_t name);

radon_bytes_t radon_images_entry_name(const radon_images_t *images, const radon_images_entry_t *entry);
radon_slot_t radon_images_entry_slot(const radon_images_t *images, const radon_images_entry_t *entry,
                                     uint32_t slot);

/** Highest sequence number ever accepted for a name, also a deleted one; 0 for none. */
uint32_t radon_images_table_sequence(const radon_images_t *images, radon_bytes_t name);

/** Steps through the deleted names, each once. Start with *cursor = 0. */
bool radon_images_table_next_deleted(const radon_images_t *images, uint32_t *cursor,
                                     radon_state_record_t *state);

/** The slot a new version of a name goes to. */
uint32_t radon_images_table_target(const radon_images_entry_t *entry);

/** Applies what a record says that was just appended or found. */
void radon_images_table_enter(radon_images_t *images, uint32_t address,
                              const radon_manifest_record_t *manifest);
void radon_images_table_switch(radon_images_t *images, const radon_state_record_t *state);

/** *need: bytes that a compaction would write more after putting `version`; *free: bytes it would have for
 * them. */
void radon_images_space(const radon_images_t *images, const radon_images_new_t *version, uint32_t *need,
                        uint32_t *free);

#endif
