// Many literals looked for in bytes at once: two bytes of each decide whether the rest is compared at all.
#ifndef CSCAN_H
#define CSCAN_H

#include <stddef.h>
#include <stdint.h>

// A literal as one of its pairs of bytes leads to it.
typedef struct {
    uint32_t text;      // where its bytes begin in `texts`
    uint32_t length;    // bytes
    uint32_t at;        // bytes from its start to the pair
    uint32_t literal;   // its number
    int32_t next;       // the next candidate of the same pair; -1: none
} scan_candidate;

typedef struct {
    const uint8_t *pairs;                // 65,536 bits: the pairs that lead anywhere
    const int32_t *heads;                // 65,536 first candidates
    const scan_candidate *candidates;
    const uint8_t *texts;
} scan_literals;

// Where a search goes on: at first `next` is where it begins, and `candidate` is -1.
typedef struct {
    size_t place;       // the pair whose candidates are compared
    size_t next;        // the pair that is looked at after it
    int32_t candidate;
} scan_state;

// Finds the next literal: 1 with its number and the place of its first byte, 0 at the end. Only every second pair is looked at,
// so each literal needs two candidates whose pairs stand one byte apart.
int scan_next(const scan_literals *literals, const uint8_t *bytes, size_t count, scan_state *state, uint32_t *literal, size_t *start);

// Writes zeros over bytes that nobody reads again.
void scan_wipe(void *bytes, size_t count);

#endif
