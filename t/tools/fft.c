/* fft: Cooley and Tukey's, radix 2. See fft.h. */
#include "tools/fft.h"

#include <math.h>

static void
reverse_bits(double complex *x, size_t n)
{
	size_t i, j = 0, bit;

	for (i = 1; i < n; i++) {
		for (bit = n / 2; (j & bit) != 0; bit /= 2)
			j ^= bit;
		j |= bit;
		if (i < j) {
			double complex swap = x[i];

			x[i] = x[j];
			x[j] = swap;
		}
	}
}

static void
butterflies(double complex *x, size_t n, size_t len, double angle)
{
	double complex step = cexp(I * angle), w = 1;
	size_t i, k;

	for (k = 0; k < len / 2; k++) {
		for (i = k; i < n; i += len) {
			double complex odd = x[i + len / 2] * w;

			x[i + len / 2] = x[i] - odd;
			x[i] += odd;
		}
		w *= step;
	}
}

void
fft_transform(double complex *x, size_t n, bool inverse)
{
	size_t len;

	reverse_bits(x, n);
	for (len = 2; len <= n; len *= 2)
		butterflies(x, n, len, (inverse ? 2 : -2) * M_PI / (double)len);
}
