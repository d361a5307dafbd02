// What both libraries share: versions for vector units, types, and how threads share the work.
#pragma once

#include <algorithm>
#include <cstdint>

// One version of a function for each kind of vector unit, chosen when the library is loaded.
#if defined(__x86_64__) && defined(__ELF__) && defined(__has_attribute)
#if __has_attribute(target_clones) && defined(__GNUC__) && !defined(__clang__) && __GNUC__ >= 12
#define SG_CLONES                                                                                  \
    __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#elif __has_attribute(target_clones)
#define SG_CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
#endif
#endif
#ifndef SG_CLONES
#define SG_CLONES
#endif
#define SG_INLINE static inline __attribute__((always_inline))
#define SG_EXPORT extern "C" __attribute__((visibility("default")))

namespace sg {

using Index = int64_t;

// out = g · σ′(x) over a strip; out may be g.
template <typename T>
using Slope = void (*)(const T* g, const T* x, T* out, Index count, const double* p);

template <typename T>
using Map = void (*)(const T* x, T* out, Index count, const double* p);

constexpr Index grain = 1 << 15;  // elements that are not worth a second thread
constexpr Index line = 16;        // elements of a cache line

// Work on [0, count) in pieces, one thread each; a piece begins at a cache line.
template <typename Work> inline void in_pieces(Index count, Index piece, int threads, Work work) {
    const Index pieces = (count + piece - 1) / piece;
    (void)threads;
#pragma omp parallel for num_threads(threads) schedule(static) if (threads > 1 && pieces > 1)
    for (Index i = 0; i < pieces; ++i) {
        const Index first = i * piece;
        work(first, std::min(piece, count - first));
    }
}

// Whether the processor rounds a product and a sum once, and so torch's functions do.
SG_INLINE bool fuses() {
#if defined(__x86_64__)
    return __builtin_cpu_supports("fma");
#else
    return true;
#endif
}

inline Index rounded_up(Index value, Index unit) { return (value + unit - 1) / unit * unit; }

inline Index piece_of(Index count, int threads) {
    return count <= grain ? std::max<Index>(count, 1)
                          : rounded_up((count + threads - 1) / threads, line);
}

}  // namespace sg

// What the library was built from.
SG_EXPORT const char* sg_digest() { return SG_DIGEST; }
