/** Keeps the flash logs able to take the next write: compaction on demand, erasing ahead when idle. Thread
 * level. */
#ifndef RADON_APP_FLASH_CARE_H
#define RADON_APP_FLASH_CARE_H

#include "radon/app/node.h"

/**
 * Compacts the image log, leaving what `replacing` has beside its active version behind. Atoms that still run
 * from the sector that has to be erased for it are restarted first. RADON_E_IO.
 */
radon_err_t radon_flash_care_compact(radon_bytes_t replacing);

/** Erases at most one spare sector that nothing runs from; false when there was none. */
bool radon_flash_care_idle(void);

#endif
