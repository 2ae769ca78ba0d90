/*
 * recording: sound for the tools that compare what was said with what was
 * heard. A failure ends the tool.
 */
#ifndef RP_T_RECORDING_H
#define RP_T_RECORDING_H

struct sound {
	float *wave;
	long n;
};

/*
 * Read a file as mono at `rate`; free the wave once it is no longer needed. A
 * file named .raw is 16-bit 48 kHz mono.
 */
struct sound recording_read(const char *name, unsigned rate);

/* Convert to another rate, without moving it in time. */
struct sound recording_resample(const struct sound *from, unsigned from_rate,
    unsigned to_rate);

#endif
