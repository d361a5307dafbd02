// Functions that every compiler turns into vector code: no calls, no branches, no tables.
//
// T is float or double. Arguments outside a function's domain, infinities and NaN give what the
// C library gives, with one exception: exp is 0 below the logarithm of the smallest normal number.
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
    static constexpr float largest_exp = 88.72284f, smallest_exp = -87.33654f;
    static constexpr float ln2_high = 0.693145751953125f, ln2_low = 1.428606765330187e-06f;
};

template <> struct Format<double> {
    using Integer = int64_t;
    using Unsigned = uint64_t;
    static constexpr int mantissa = 52, bias = 1023;
    static constexpr double to_integer = 6755399441055744.0;  // 1.5 · 2^52
    static constexpr double largest_exp = 709.782712893384, smallest_exp = -708.3964185322641;
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

// The same without a branch, for the body of a loop around a loop, where compilers leave branches.
template <typename T> SG_INLINE T blend(bool condition, T yes, T no) {
    using U = typename Format<T>::Unsigned;
    const U mask = U(0) - U(condition);
    return bits<T>(U((bits<U>(yes) & mask) | (bits<U>(no) & ~mask)));
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

// 2^n of an integer n that is held by a number, -bias < n <= bias.
template <typename T> SG_INLINE T power_of_two(T n) {
    using F = Format<T>;
    using U = typename F::Unsigned;
    // The low bits of the sum are n.
    return bits<T>(U((bits<U>(n + F::to_integer) + U(F::bias)) << F::mantissa));
}

// (e^r - 1 - r) / r² for |r| <= ln(2)/2, by Taylor's series.
SG_INLINE float exp_tail(float r) {
    float p = 1.9841270e-4f;
    p = p * r + 1.3888889e-3f;
    p = p * r + 8.3333333e-3f;
    p = p * r + 4.1666667e-2f;
    p = p * r + 1.6666667e-1f;
    return p * r + 0.5f;
}

SG_INLINE double exp_tail(double r) {
    double p = 1.6059043836821613e-10;
    p = p * r + 2.08767569878681e-09;
    p = p * r + 2.505210838544172e-08;
    p = p * r + 2.755731922398589e-07;
    p = p * r + 2.7557319223985893e-06;
    p = p * r + 2.48015873015873e-05;
    p = p * r + 1.984126984126984e-04;
    p = p * r + 1.388888888888889e-03;
    p = p * r + 8.333333333333333e-03;
    p = p * r + 4.1666666666666664e-02;
    p = p * r + 1.6666666666666666e-01;
    return p * r + 0.5;
}

template <typename T> SG_INLINE T exp(T x) {
    using F = Format<T>;
    using U = typename F::Unsigned;
    const T shifted = x * T(1.4426950408889634) + F::to_integer;
    const T n = shifted - F::to_integer;
    const T r = (x - n * F::ln2_high) - n * F::ln2_low;
    const T core = T(1) + (r + r * r * exp_tail(r));
    // The low bits of `shifted` are n, which goes into the exponent.
    const T y = bits<T>(U(bits<U>(core) + (bits<U>(shifted) << F::mantissa)));
    const T above = x > F::largest_exp ? std::numeric_limits<T>::infinity() : y;
    const T below = x < F::smallest_exp ? T(0) : above;
    return x != x ? x : below;
}

// log(1 + x) for x >= 0.
template <typename T> SG_INLINE T log1p(T x) {
    using F = Format<T>;
    using I = typename F::Integer;
    const T one = T(1) + x;
    const T lost = x - (one - T(1));
    // one = 2^e · f with f in [√½, √2)
    const I raw = bits<I>(one);
    const I root_half = bits<I>(T(0.70710678118654752));
    const I e = (raw - root_half) >> F::mantissa;
    const T f = bits<T>(I(raw - (e << F::mantissa)));
    const T n = bits<T>(I(e + bits<I>(F::to_integer))) - F::to_integer;
    // The part of x that one has lost, in the same scale.
    const T small = lost * power_of_two(-n);
    const T z = f - T(1);
    const T s = (z + small) / (T(2) + z + small), w = s * s;
    T p;  // atanh series: log(f) = 2s(1 + w/3 + w²/5 + …)
    if (sizeof(T) == 4) {
        p = T(1) / 9;
        p = p * w + T(1) / 7;
        p = p * w + T(1) / 5;
        p = p * w + T(1) / 3;
    } else {
        p = T(1) / 21;
        p = p * w + T(1) / 19;
        p = p * w + T(1) / 17;
        p = p * w + T(1) / 15;
        p = p * w + T(1) / 13;
        p = p * w + T(1) / 11;
        p = p * w + T(1) / 9;
        p = p * w + T(1) / 7;
        p = p * w + T(1) / 5;
        p = p * w + T(1) / 3;
    }
    const T y = n * F::ln2_high + ((T(2) * s * w * p + n * F::ln2_low) + T(2) * s);
    return x < std::numeric_limits<T>::infinity() ? y : x;
}

// cos for |x| up to 10^6, reduced in double.
template <typename T> SG_INLINE T cos(T x) {
    const double wide = double(x);
    const double q = nearest(wide * 0.6366197723675814);
    const double high = wide - q * 1.5707963267341256, middle = high - q * 6.077100506303966e-11;
    const T r = T(middle - q * 2.0222662487959506e-21);
    using U = typename Format<T>::Unsigned;
    const U quadrant = U(bits<uint64_t>(q + Format<double>::to_integer)) & 3;
    const T w = r * r;
    T c, s;
    if (sizeof(T) == 4) {
        c = T(-2.7557319e-7);
        c = c * w + T(2.4801587e-5);
        c = c * w - T(1.3888889e-3);
        c = c * w + T(4.1666667e-2);
        c = T(1) - (T(0.5) * w - w * w * c);
        s = T(2.7557319e-6);
        s = s * w - T(1.9841270e-4);
        s = s * w + T(8.3333333e-3);
        s = s * w - T(1.6666667e-1);
        s = r + r * w * s;
    } else {
        c = T(4.779477332387385e-14);
        c = c * w - T(1.1470745597729725e-11);
        c = c * w + T(2.08767569878681e-09);
        c = c * w - T(2.755731922398589e-07);
        c = c * w + T(2.48015873015873e-05);
        c = c * w - T(1.388888888888889e-03);
        c = c * w + T(4.1666666666666664e-02);
        c = T(1) - (T(0.5) * w - w * w * c);
        s = T(-7.647163731819816e-13);
        s = s * w + T(1.6059043836821613e-10);
        s = s * w - T(2.505210838544172e-08);
        s = s * w + T(2.7557319223985893e-06);
        s = s * w - T(1.984126984126984e-04);
        s = s * w + T(8.333333333333333e-03);
        s = s * w - T(1.6666666666666666e-01);
        s = r + r * w * s;
    }
    // Without a branch, so that a loop around terms of a sum stays one.
    const U odd = U(0) - (quadrant & 1), sign = ((quadrant + 1) & 2) << (8 * sizeof(T) - 2);
    return bits<T>(U(((bits<U>(s) & odd) | (bits<U>(c) & ~odd)) ^ sign));
}

SG_INLINE double remainder_step(double r, double m, double inverse) {
    // The quotient is below 2^29, so that its product with the 24 digits of m is exact.
    r -= nearest(r * inverse) * m;
    return r + blend(r < 0, m, 0.0);
}

// The exact remainder with the sign of x, for y > 0 and |x| / y below 2^85.
SG_INLINE float fmod(float x, float y) {
    const double m = double(y), inverse = 1.0 / m;
    double r = std::fabs(double(x));
    r = remainder_step(r, m * 0x1p56, inverse * 0x1p-56);
    r = remainder_step(r, m * 0x1p28, inverse * 0x1p-28);
    r = remainder_step(r, m, inverse);
    return std::copysign(float(r), x);
}

SG_INLINE double fmod(double x, double y) { return std::fmod(x, y); }
SG_INLINE float square_root(float x) { return std::sqrt(x); }
SG_INLINE double square_root(double x) { return std::sqrt(x); }

}  // namespace sg
