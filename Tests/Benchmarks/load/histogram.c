#include "load.h"

// 64 linear buckets for each power of two: values below 64 are exact.
enum { STEPS = 64 };

static int bucket(uint64_t value) {
    if (value < STEPS) return (int)value;
    int shift = 63 - __builtin_clzll(value) - 6;
    if (shift > 30) return STEPS * 32 - 1;
    return STEPS * (shift + 1) + (int)((value >> shift) - STEPS);
}

static uint64_t top(int bucket) {
    if (bucket < STEPS) return (uint64_t)bucket;
    int shift = bucket / STEPS - 1;
    return ((uint64_t)(bucket % STEPS + STEPS + 1) << shift) - 1;
}

void histogram_add(struct histogram *histogram, uint64_t microseconds) {
    histogram->counts[bucket(microseconds)] += 1;
    histogram->total += 1;
}

uint64_t histogram_quantile(const struct histogram *histogram, double share) {
    uint64_t wanted = (uint64_t)(share * (double)histogram->total), seen = 0;
    for (int index = 0; index < STEPS * 32; index++) {
        seen += histogram->counts[index];
        if (histogram->counts[index] > 0 && seen > wanted) return top(index);
        if (seen == histogram->total && seen > 0) return top(index);
    }
    return 0;
}
