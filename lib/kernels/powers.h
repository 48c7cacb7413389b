/* powers.h: 2^(2 + i / 32), for vec_power. */
#ifndef EN_KERNELS_POWERS_H
#define EN_KERNELS_POWERS_H

static const float powers_of_two[32] = {
        0x1.000000p+2f, 0x1.059b0ep+2f, 0x1.0b5586p+2f, 0x1.11301ep+2f,
        0x1.172b84p+2f, 0x1.1d4874p+2f, 0x1.2387a6p+2f, 0x1.29e9e0p+2f,
        0x1.306fe0p+2f, 0x1.371a74p+2f, 0x1.3dea64p+2f, 0x1.44e086p+2f,
        0x1.4bfdaep+2f, 0x1.5342b6p+2f, 0x1.5ab07ep+2f, 0x1.6247ecp+2f,
        0x1.6a09e6p+2f, 0x1.71f75ep+2f, 0x1.7a1148p+2f, 0x1.82589ap+2f,
        0x1.8ace54p+2f, 0x1.93737cp+2f, 0x1.9c4918p+2f, 0x1.a5503cp+2f,
        0x1.ae89fap+2f, 0x1.b7f770p+2f, 0x1.c199bep+2f, 0x1.cb720ep+2f,
        0x1.d5818ep+2f, 0x1.dfc974p+2f, 0x1.ea4afap+2f, 0x1.f50766p+2f,
};

#endif
