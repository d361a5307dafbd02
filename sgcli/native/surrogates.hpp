// The elementwise kernels around the functions that writer.py emits.
#pragma once

#include "maths.hpp"

namespace sg {

// Parameters copied to where no output can overlap them: what depends on them only is worked out
// once a strip.
template <int size> struct Parameters {
    double p[size > 0 ? size : 1];
    explicit Parameters(const double* given) {
        for (int i = 0; i < size; ++i) p[i] = given[i];
    }
};

constexpr Index block = 128;  // elements that are looked at before they are worked on
constexpr Index ahead = 512;  // how far on memory is asked for what comes

}  // namespace sg

#define SG_EACH(j, count) _Pragma("omp simd") for (sg::Index j = 0; j < count; ++j)

// A strip in blocks: statements that make the n elements from i on, at `to`, from `count` and
// `away`. A block that is streamed is made in the cache.
#define SG_BLOCKS(T, ...)                                                                          \
    T made[sg::block];                                                                             \
    for (sg::Index i = 0; i < count; i += sg::block) {                                             \
        const sg::Index n = std::min(sg::block, count - i);                                        \
        T* const to = away ? made : out + i;                                                       \
        __VA_ARGS__                                                                                \
        if (away) sg::stream(made, out + i, n);                                                    \
    }                                                                                              \
    if (away) sg::end_stream();

// Such statements of a slope, with `own` parameters: in one loop or in two.
#define SG_WHOLE(name, T, near)                                                                    \
    SG_EACH(j, n) to[j] = g[i + j] * sg::name##_slope<T, near>(x[i + j], own.p);

#define SG_HALVES(name, T, near)                                                                   \
    T half[sg::block];                                                                             \
    SG_EACH(j, n) half[j] = sg::name##_first_half<T, near>(x[i + j], own.p);                       \
    SG_EACH(j, n) to[j] = g[i + j] * sg::name##_second_half<T, near>(half[j], own.p);

#define SG_SLOPE_OF(name, loops, T, suffix)                                                        \
    SG_EXPORT SG_CLONES void sg_slope_##name##_##suffix(                                           \
        const T* g, const T* x, T* out, sg::Index count, const double* p, bool away) {             \
        const sg::name##_parameters own(p);                                                        \
        const double period = sg::name##_period(own.p);                                            \
        const T reach = sg::reach<T>(period);                                                      \
        SG_BLOCKS(                                                                                 \
            T, const sg::Index coming = std::min(n, count - i - sg::ahead);                        \
            if (coming > 0) {                                                                      \
                sg::fetch(x + i + sg::ahead, coming);                                              \
                sg::fetch(g + i + sg::ahead, coming);                                              \
            }                                                                                      \
            if (period == sg::infinite || sg::within(x + i, n, reach)) {                           \
                loops(name, T, true)                                                               \
            } else {                                                                               \
                loops(name, T, false)                                                              \
            })                                                                                     \
    }

#define SG_SLOPE(name, loops, text_digest)                                                         \
    SG_SLOPE_OF(name, loops, float, f32)                                                           \
    SG_SLOPE_OF(name, loops, double, f64)                                                          \
    SG_EXPORT const char* sg_digest_##name() { return text_digest; }

#define SG_FORWARD_OF(name, T, suffix)                                                             \
    SG_EXPORT SG_CLONES void sg_forward_##name##_##suffix(                                         \
        const T* x, T* out, sg::Index count, const double* p, bool away) {                         \
        const sg::name##_parameters own(p);                                                        \
        SG_BLOCKS(T, SG_EACH(j, n) to[j] = sg::name##_forward<T, false>(x[i + j], own.p);)         \
    }

#define SG_FORWARD(name)                                                                           \
    SG_FORWARD_OF(name, float, f32)                                                                \
    SG_FORWARD_OF(name, double, f64)

#define SG_DRIVERS_OF(T, suffix)                                                                   \
    SG_CLONES static void sg_heaviside_strip_##suffix(const T* x, T* out, sg::Index count,         \
                                                      const double*, bool away) {                  \
        SG_BLOCKS(T, SG_EACH(j, n) to[j] = sg::heaviside(x[i + j]);)                               \
    }                                                                                              \
    SG_EXPORT void sg_map_##suffix(sg::Map<T> map, const T* x, T* out, sg::Index count,            \
                                   const double* p, int threads) {                                 \
        if (!map) map = sg_heaviside_strip_##suffix;                                               \
        const bool away = sg::goes_away<T>(count);                                                 \
        sg::in_pieces(count, sg::piece_of(count, threads), threads,                                \
                      [=](sg::Index i, sg::Index k) { map(x + i, out + i, k, p, away); });         \
    }                                                                                              \
    SG_EXPORT void sg_gradient_##suffix(sg::Slope<T> slope, const T* g, const T* x, T* out,        \
                                        sg::Index count, const double* p, int threads) {           \
        const bool away = sg::goes_away<T>(count);                                                 \
        sg::in_pieces(                                                                             \
            count, sg::piece_of(count, threads), threads,                                          \
            [=](sg::Index i, sg::Index k) { slope(g + i, x + i, out + i, k, p, away); });          \
    }

SG_DRIVERS_OF(float, f32)
SG_DRIVERS_OF(double, f64)
