/*
 * fuzz: a fuzz target, as libFuzzer calls it. Configure with CC=clang and
 * --enable-fuzzers to fuzz, t/fuzz/NAME t/fuzz/seeds/NAME; otherwise the same
 * program replays the files and folders that it is given (replay.c).
 */
#ifndef RP_T_FUZZ_H
#define RP_T_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

#endif
