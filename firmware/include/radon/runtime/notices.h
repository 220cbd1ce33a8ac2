/** What others hear of an atom: observers of its resources and of its state. */
#ifndef RADON_RUNTIME_NOTICES_H
#define RADON_RUNTIME_NOTICES_H

#include "radon/runtime/runtime.h"

/** Notifies the observers of what was published, and of what was asked for by notify while there is room in
 * the inbox. */
void radon_notices_release(radon_atom_t *atom);

/** The answer to a GET of any of its resources may be another now: the atom started, or ended. */
void radon_notices_resources(const radon_atom_t *atom);

/** The life of an atom changed: tells the observers of /atoms and /atoms/{name}. */
void radon_notices_life(radon_runtime_t *runtime, const radon_definition_t *definition);

/** The names of this node are others now: an atom started or ended, an alias won or lost a member. */
void radon_notices_names(radon_runtime_t *runtime);

#endif
