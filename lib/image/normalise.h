/* normalise.h: the arithmetic from a pixel's value to the network's input. */
#ifndef EN_IMAGE_NORMALISE_H
#define EN_IMAGE_NORMALISE_H

#include "arch/preset.h"

/* What each 8-bit value of a channel becomes. */
void en_normalise_table(const en_preset *steps, int channel, float table[256]);

/* What a value in units of 0...1 becomes, whose own scaling has taken the
 * place of rescaling.
 */
float en_normalise_unit(const en_preset *steps, int channel, float value);

#endif
