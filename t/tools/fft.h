/* fft: the discrete Fourier transform of a power of two of samples. Pure. */
#ifndef RP_T_FFT_H
#define RP_T_FFT_H

#include <complex.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * Transform `n` samples in place. The inverse is not divided by `n`.
 */
void fft_transform(double complex *x, size_t n, bool inverse);

#endif
