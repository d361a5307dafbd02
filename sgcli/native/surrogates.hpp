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

constexpr Index block = 1024;  // elements that are looked at before they are worked on

}  // namespace sg

#define SG_EACH(j, first, end) _Pragma("omp simd") for (sg::Index j = first; j < end; ++j)

#define SG_SLOPE_OF(name, T, suffix)                                                               \
    SG_EXPORT SG_CLONES void sg_slope_##name##_##suffix(const T* g, const T* x, T* out,            \
                                                        sg::Index count, const double* p) {        \
        const sg::name##_parameters own(p);                                                        \
        const double period = sg::name##_period(own.p);                                            \
        const T reach = sg::reach<T>(period);                                                      \
        for (sg::Index i = 0; i < count; i += sg::block) {                                         \
            const sg::Index end = std::min(i + sg::block, count);                                  \
            if (period == sg::infinite || sg::within(x + i, end - i, reach)) {                     \
                SG_EACH(j, i, end) out[j] = g[j] * sg::name##_slope<T, true>(x[j], own.p);         \
            } else {                                                                               \
                SG_EACH(j, i, end) out[j] = g[j] * sg::name##_slope<T, false>(x[j], own.p);        \
            }                                                                                      \
        }                                                                                          \
    }

#define SG_SLOPE(name, text_digest)                                                                \
    SG_SLOPE_OF(name, float, f32)                                                                  \
    SG_SLOPE_OF(name, double, f64)                                                                 \
    SG_EXPORT const char* sg_digest_##name() { return text_digest; }

#define SG_FORWARD_OF(name, T, suffix)                                                             \
    SG_EXPORT SG_CLONES void sg_forward_##name##_##suffix(const T* x, T* out, sg::Index count,     \
                                                          const double* p) {                       \
        const sg::name##_parameters own(p);                                                        \
        SG_EACH(j, 0, count) out[j] = sg::name##_forward<T, false>(x[j], own.p);                   \
    }

#define SG_FORWARD(name)                                                                           \
    SG_FORWARD_OF(name, float, f32)                                                                \
    SG_FORWARD_OF(name, double, f64)

#define SG_DRIVERS_OF(T, suffix)                                                                   \
    SG_CLONES static void sg_heaviside_strip_##suffix(const T* x, T* out, sg::Index count,         \
                                                      const double*) {                             \
        SG_EACH(j, 0, count) out[j] = sg::heaviside(x[j]);                                         \
    }                                                                                              \
    SG_EXPORT void sg_map_##suffix(sg::Map<T> map, const T* x, T* out, sg::Index count,            \
                                   const double* p, int threads) {                                 \
        if (!map) map = sg_heaviside_strip_##suffix;                                               \
        sg::in_pieces(count, sg::piece_of(count, threads), threads,                                \
                      [=](sg::Index i, sg::Index k) { map(x + i, out + i, k, p); });               \
    }                                                                                              \
    SG_EXPORT void sg_gradient_##suffix(sg::Slope<T> slope, const T* g, const T* x, T* out,        \
                                        sg::Index count, const double* p, int threads) {           \
        sg::in_pieces(count, sg::piece_of(count, threads), threads,                                \
                      [=](sg::Index i, sg::Index k) { slope(g + i, x + i, out + i, k, p); });      \
    }

SG_DRIVERS_OF(float, f32)
SG_DRIVERS_OF(double, f64)
