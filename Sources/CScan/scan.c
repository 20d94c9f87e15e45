#include "CScan.h"

#include <string.h>

static inline uint32_t pair_at(const uint8_t *bytes) { return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8; }

static inline int leads(const uint8_t *pairs, uint32_t pair) { return pairs[pair >> 3] >> (pair & 7) & 1; }

// The first pair at or behind a place, in steps of two, that leads to a literal; `count` if none does.
static size_t next_pair(const uint8_t *pairs, const uint8_t *bytes, size_t count, size_t place) {
    while (place + 8 <= count) {
        const uint8_t *at = bytes + place;
        int first = leads(pairs, pair_at(at)), second = leads(pairs, pair_at(at + 2));
        int third = leads(pairs, pair_at(at + 4)), fourth = leads(pairs, pair_at(at + 6));
        if (first | second | third | fourth) {
            if (first) return place;
            if (second) return place + 2;
            return third ? place + 4 : place + 6;
        }
        place += 8;
    }
    for (; place + 2 <= count; place += 2) {
        if (leads(pairs, pair_at(bytes + place))) return place;
    }
    return count;
}

int scan_next(const scan_literals *literals, const uint8_t *bytes, size_t count, scan_state *state, uint32_t *literal, size_t *start) {
    for (;;) {
        while (state->candidate >= 0) {
            const scan_candidate *candidate = &literals->candidates[state->candidate];
            state->candidate = candidate->next;
            if (state->place < candidate->at) continue;
            size_t begin = state->place - candidate->at;
            if (candidate->length > count - begin) continue;
            if (memcmp(bytes + begin, literals->texts + candidate->text, candidate->length) != 0) continue;
            *literal = candidate->literal;
            *start = begin;
            return 1;
        }
        state->place = next_pair(literals->pairs, bytes, count, state->next);
        if (state->place >= count) return 0;
        state->next = state->place + 2;
        state->candidate = literals->heads[pair_at(bytes + state->place)];
    }
}

void scan_wipe(void *bytes, size_t count) {
    volatile uint8_t *each = bytes;
    while (count-- > 0) *each++ = 0;
}
