// What both libraries share: versions for vector units, types, stores past the cache, and how
// threads share the work.
#pragma once

#include <algorithm>
#include <cstdint>
#include <type_traits>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

// One version of a function for each kind of vector unit, chosen when the library is loaded. Clang
// does not combine versions with visibility, and drops templates that only versions call.
#if defined(__x86_64__) && defined(__ELF__) && defined(__GNUC__) && !defined(__clang__)
#if __GNUC__ >= 12
#define SG_CLONES                                                                                  \
    __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
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

// out = g · σ′(x) over a strip, streamed if it goes `away`.
template <typename T>
using Slope = void (*)(const T* g, const T* x, T* out, Index count, const double* p, bool away);

template <typename T>
using Map = void (*)(const T* x, T* out, Index count, const double* p, bool away);

constexpr Index grain = 1 << 15;  // elements that are not worth a second thread
constexpr Index line_bytes = 64;  // of a cache line
constexpr Index line = line_bytes / sizeof(float);  // elements, at most

// Asks for memory that is going to be read, or written where T is not constant.
template <typename T> SG_INLINE void fetch(T* x, Index count) {
    for (Index j = 0; j < count; j += line_bytes / Index(sizeof(T)))
        __builtin_prefetch(x + j, !std::is_const<T>::value);
}

// Bytes of a result that no cache keeps until somebody reads it. Such a result is streamed where the
// processor can: a store of the usual kind would first read from memory the line that it is going
// to overwrite.
constexpr Index streamed = 1 << 23;

#if defined(__x86_64__) && defined(__GNUC__)
SG_INLINE bool streams() { return __builtin_cpu_supports("avx"); }

// Whole lines only: a part of one costs several times as much. Returns where the rest begins.
template <typename T>
__attribute__((target("avx"))) inline Index stream_lines(const T* from, T* to, Index first,
                                                         Index count) {
    constexpr Index lane = 32 / sizeof(T);
    for (; first + 2 * lane <= count; first += 2 * lane)
        for (Index j = first; j < first + 2 * lane; j += lane)
            _mm256_stream_si256(reinterpret_cast<__m256i*>(to + j),
                                _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from + j)));
    return first;
}
#else
SG_INLINE bool streams() { return false; }

template <typename T> inline Index stream_lines(const T*, T*, Index first, Index) { return first; }
#endif

template <typename T> inline bool goes_away(Index count) {
    return streams() && count * Index(sizeof(T)) >= streamed;
}

template <typename T> SG_INLINE void stream(const T* from, T* to, Index count) {
    const Index over = Index(reinterpret_cast<std::uintptr_t>(to) % line_bytes);
    const Index first = over ? std::min((line_bytes - over) / Index(sizeof(T)), count) : 0;
    std::copy(from, from + first, to);
    const Index rest = stream_lines(from, to, first, count);
    std::copy(from + rest, from + count, to + rest);
}

// Other threads see what was streamed only after this.
SG_INLINE void end_stream() {
#if defined(__x86_64__)
    _mm_sfence();
#endif
}

// Work on [0, count) in pieces, one thread each; a piece begins at a cache line.
template <typename Work> inline void in_pieces(Index count, Index piece, int threads, Work work) {
    if (count <= piece) {  // a team of one thread costs as much as a small call
        if (count > 0) work(0, count);
        return;
    }
    const Index pieces = (count + piece - 1) / piece;
    (void)threads;
#pragma omp parallel for num_threads(threads) schedule(static)
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
