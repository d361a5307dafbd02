// Functions that every compiler turns into vector code: no calls, no branches, no tables.
//
// T is float or double. Within the domain that is stated, infinities and NaN give what the C library
// gives.
#pragma once

#include "common.hpp"

#include <cmath>
#include <cstring>
#include <limits>

namespace sg {

template <typename T> struct Format;

template <> struct Format<float> {
    using Integer = int32_t;
    using Unsigned = uint32_t;
    static constexpr int mantissa = 23, bias = 127;
    static constexpr float to_integer = 12582912.0f;  // 1.5 · 2^23: adding it rounds to an integer
    static constexpr float longest_decay = 104.0f, spare = 0x1p64f;
    static constexpr uint32_t spare_exponent = 64;  // spare = 2^64
    static constexpr float ln2_high = 0.693145751953125f, ln2_low = 1.428606765330187e-06f;
};

template <> struct Format<double> {
    using Integer = int64_t;
    using Unsigned = uint64_t;
    static constexpr int mantissa = 52, bias = 1023;
    static constexpr double to_integer = 6755399441055744.0;  // 1.5 · 2^52
    static constexpr double longest_decay = 746.0, spare = 0x1p128;
    static constexpr uint64_t spare_exponent = 128;
    static constexpr double ln2_high = 0.6931471803691238, ln2_low = 1.9082149292705877e-10;
};

template <typename To, typename From> SG_INLINE To bits(From value) {
    To result;
    static_assert(sizeof(To) == sizeof(From), "a number and its bits have one size");
    std::memcpy(&result, &value, sizeof result);
    return result;
}

template <typename T> SG_INLINE T select(bool condition, T yes, T no) {
    return condition ? yes : no;
}

// Ties are as in sgcli's other namespaces: the second operand, and NaN where the first one is NaN.
template <typename T> SG_INLINE T larger(T a, T b) { return a <= b ? b : a; }
template <typename T> SG_INLINE T smaller(T a, T b) { return a >= b ? b : a; }
template <typename T> SG_INLINE T relu(T a) { return a < T(0) ? T(0) : a; }
template <typename T> SG_INLINE T heaviside(T x) { return x >= T(0) ? T(1) : T(0); }
template <typename T> SG_INLINE T absolute(T x) { return std::fabs(x); }
template <typename T> SG_INLINE T sign(T x) {
    return x > T(0) ? T(1) : x < T(0) ? T(-1) : x;
}

// The nearest integer, halves to the even one, as a number; |x| below 2^22 (2^51).
template <typename T> SG_INLINE T nearest(T x) {
    return (x + Format<T>::to_integer) - Format<T>::to_integer;
}

template <typename T> SG_INLINE T round_half_even(T x) {
    using F = Format<T>;
    const T size = absolute(x);
    const T rounded = nearest(size);
    return size < F::to_integer / 3 ? (x < T(0) ? -rounded : rounded) : x;
}

// A polynomial by its coefficients, the constant first.
template <int i = 0, typename T, int size> SG_INLINE T polynomial(const T (&c)[size], T x) {
    if constexpr (i + 1 == size)
        return c[i];
    else
        return c[i] + x * polynomial<i + 1>(c, x);
}

// (e^r - 1 - r) / r² for |r| <= ln(2)/2, by Chebyshev's approximation.
SG_INLINE float exp_tail(float r) {
    constexpr float c[] = {0.5f, 1.66665763e-1f, 4.16665538e-2f, 8.36329275e-3f, 1.39263256e-3f};
    return polynomial(c, r);
}

SG_INLINE double exp_tail(double r) {
    constexpr double c[] = {5.000000000000001042e-1,  1.666666666666666747e-1,
                            4.166666666662347676e-2,  8.333333333330011761e-3,
                            1.388888891753829585e-3,  1.984126986330332310e-4,
                            2.480152079257269284e-5,  2.755726807289009826e-6,
                            2.762032742826823816e-7,  2.510056927581368263e-8};
    return polynomial(c, r);
}

// exp(-x) for x >= 0.
template <typename T> SG_INLINE T decay(T x) {
    using F = Format<T>;
    using U = typename F::Unsigned;
    // The low bits are the exponent of the nearest power of two.
    const T shifted = F::to_integer + F::bias - x * T(1.4426950408889634);
    const T n = shifted - (F::to_integer + F::bias);
    const T r = (-x - n * F::ln2_high) - n * F::ln2_low;
    const T core = T(1) + r * (T(1) + r * exp_tail(r));
    // A subnormal power has no exponent of its own, so a larger one is scaled down. A steep shape
    // multiplies the result by alpha, so that a flush to 0 would be seen.
    const T power = bits<T>(U((bits<U>(shifted) + F::spare_exponent) << F::mantissa));
    const T y = core * power * (T(1) / F::spare);
    return x > F::longest_decay ? T(0) : y;  // NaN for NaN
}

// A number times 2^-e, which must be a normal one unless e is 0.
template <typename T> SG_INLINE T scaled(T x, typename Format<T>::Integer e) {
    using F = Format<T>;
    return bits<T>(typename F::Integer(bits<typename F::Integer>(x) - (e << F::mantissa)));
}

// (atanh(√w) / √w - 1) / w, by Taylor's series.
SG_INLINE float atanh_tail(float w) {
    constexpr float c[] = {1.f / 3, 1.f / 5, 1.f / 7, 1.f / 9};
    return polynomial(c, w);
}

SG_INLINE double atanh_tail(double w) {
    constexpr double c[] = {1. / 3,  1. / 5,  1. / 7,  1. / 9,  1. / 11,
                            1. / 13, 1. / 15, 1. / 17, 1. / 19, 1. / 21};
    return polynomial(c, w);
}

// log(1 + x) for x >= 0.
template <typename T> SG_INLINE T log1p(T x) {
    using F = Format<T>;
    using I = typename F::Integer;
    // 1 + x = 2^e · f with f in [√½, √2)
    const I root_half = bits<I>(T(0.70710678118654752));
    const I e = (bits<I>(T(1) + x) - root_half) >> F::mantissa;
    const T n = bits<T>(I(e + bits<I>(F::to_integer))) - F::to_integer;
    // f - 1 from x itself, of which 1 + x has lost digits.
    const T z = scaled(x, e) + (scaled(T(1), e < F::bias ? e : F::bias) - T(1));
    const T s = z / (T(2) + z), w = s * s;
    const T p = atanh_tail(w);  // log(f) = 2 atanh(s)
    const T y = n * F::ln2_high + (n * F::ln2_low + (T(2) * s * w * p + T(2) * s));
    return x < std::numeric_limits<T>::infinity() ? y : x;
}

// sin(πu) / u in w = u² for |u| <= ½, by Chebyshev's approximation.
SG_INLINE float sinpi_series(float w) {
    constexpr float c[] = {3.14159264f, -5.16771008f, 2.55007739f, -5.98290411e-1f, 7.76559123e-2f};
    return polynomial(c, w);
}

SG_INLINE double sinpi_series(double w) {
    constexpr double c[] = {3.14159265358979324,     -5.16771278004996961,
                            2.55016403987730047,     -5.99264529318944681e-1,
                            8.2145886573102895e-2,   -7.3704305059169434e-3,
                            4.6629981618983938e-4,   -2.19034970746260172e-5,
                            7.69782676822419065e-7};
    return polynomial(c, w);
}

// cos(πx) for |x| below 2^22 (2^51).
template <typename T> SG_INLINE T cospi(T x) {
    const T within_turn = x - T(2) * nearest(T(0.5) * x);
    const T u = T(0.5) - absolute(within_turn);
    return u * sinpi_series(u * u);
}

// 1 / c for a divisor that is the same everywhere; at most the largest number, so that 0 / c is 0.
template <typename T> SG_INLINE T inverse(double c) {
    const double most = std::numeric_limits<T>::max();
    return T(std::fmin(std::fmax(1 / c, -most), most));
}

constexpr double near_periods = 0x1p20, infinite = std::numeric_limits<double>::infinity();

// For |x| / period below 2^20, where a product and a sum round once: no remainder has more digits
// than x or the period.
template <typename T> SG_INLINE T wrap_near(T x, T period) {
    const T inverse = T(1) / period;
    const T r = std::fma(-nearest(x * inverse), period, x);
    // That quotient was rounded, so that it may have been one off.
    return std::fma(-nearest(r * inverse), period, r);
}

// |x| / period is below 2^85.
SG_INLINE float wrap_far(float x, float period) {
    const double m = double(period), inverse = 1 / m;
    double r = double(x);
    // A quotient is below 2^29, so that its product with the 24 digits of m is exact.
    r -= nearest(r * (inverse * 0x1p-56)) * (m * 0x1p56);
    r -= nearest(r * (inverse * 0x1p-28)) * (m * 0x1p28);
    return float(r - nearest(r * inverse) * m);
}

SG_INLINE double wrap_far(double x, double period) { return std::remainder(x, period); }

// How far x may lie for `wrap_near`: not at all without fused operations, or if 1 / period is not
// a number of the type.
template <typename T> SG_INLINE T reach(double period) {
    const bool inverse = 1 / period <= double(std::numeric_limits<T>::max());
    return fuses() && inverse ? T(near_periods * period) : T(0);
}

// x moved by whole periods to the middle one, exactly below 2^85 of them. A period that is infinite
// in the type is longer than any x.
template <bool near, typename T> SG_INLINE T wrap(T x, T given) {
    const T period = smaller(given, std::numeric_limits<T>::max());
    return near ? wrap_near(x, period) : wrap_far(x, period);
}

// Whether all of a block lies within reach of 0.
template <typename T> SG_INLINE bool within(const T* x, Index count, T reach) {
    int outside = 0;
#pragma omp simd reduction(| : outside)
    for (Index j = 0; j < count; ++j) outside |= !(absolute(x[j]) < reach);
    return !outside;
}

SG_INLINE float square_root(float x) { return std::sqrt(x); }
SG_INLINE double square_root(double x) { return std::sqrt(x); }

}  // namespace sg
