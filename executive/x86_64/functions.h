/*
 * All PCI functions, whatever they are: facts for the lattice.
 *
 * Interface: functions_note, for each that the walk finds; functions_vectors, how many MSI-X
 * vectors one has. Rules: one that two bridges lead to counts once.
 */
#ifndef X86_64_FUNCTIONS_H
#define X86_64_FUNCTIONS_H

#include <stdint.h>

void functions_note(uint16_t address);
uint16_t functions_vectors(uint16_t address);

#endif
