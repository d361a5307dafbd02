// Whole sequences of a neuron that is linear below its threshold, forward and backward.
//
// A strip is a row of columns that stays in a core's cache. One inline step serves the forward pass
// and the backward pass, which works the membrane out again from the input, so that only the
// input is kept between them. It is compiled without contraction to fused operations, so that both
// passes round alike.
#include "common.hpp"

#include <cmath>
#include <cstdlib>

namespace sg {

// What is the same at every step; a `hard` reset is to `reset`, otherwise `reset` is subtracted.
struct Neuron {
    double keep, gain, drive, v_threshold, reset;
    int32_t hard, detach_reset;
};

// The part of a sequence that a kernel is called with: rows of `columns` numbers, one a step. A
// stride of 0 for x is an input that is the same at every step.
struct Layout {
    Index steps, columns, x_stride;
};

constexpr Index strip_bytes = 1 << 19;  // of membrane, within a core's second-level cache
constexpr Index most_columns = 512, least_columns = 32;

// Memory that a thread keeps from call to call.
struct Buffer {
    void* memory = nullptr;
    std::size_t size = 0;
    void* of(std::size_t wanted) {
        if (wanted > size) {
            std::free(memory);
            memory = std::malloc(wanted);
            size = memory ? wanted : 0;
        }
        return memory;
    }
    ~Buffer() { std::free(memory); }
};

template <typename T> struct Constants {
    T keep, gain, drive, v_threshold, reset;
    explicit Constants(const Neuron& n)
        : keep(T(n.keep)), gain(T(n.gain)), drive(T(n.drive)), v_threshold(T(n.v_threshold)),
          reset(T(n.reset)) {}
};

// Whether a product and a sum round once, as in torch wherever the processor can: the kernels and
// torch's functions then give the same bits.
SG_INLINE bool fuses() {
#if defined(__x86_64__)
    return __builtin_cpu_supports("fma");
#else
    return true;
#endif
}

template <bool fused, typename T> SG_INLINE T charge(const Constants<T>& c, T x, T v) {
    const T input = c.gain * x + c.drive;
    return fused ? std::fma(c.keep, v, input) : input + c.keep * v;
}

template <bool hard, typename T> SG_INLINE T reset(const Constants<T>& c, T h) {
    const bool fires = h >= c.v_threshold;
    if (hard) return fires ? c.reset : h;
    return fires ? h - c.reset : h;
}

// A row begins on a page of its own, where no processor looks ahead by itself.
template <bool written, typename T> SG_INLINE void fetch(const T* row, Index count) {
    for (Index j = 0; j < count; j += 64 / Index(sizeof(T))) __builtin_prefetch(row + j, written, 2);
}

template <bool fused, bool hard, typename T>
SG_INLINE void forward_strip(const T* x, const T* v_first, T* s, T* v_last, const Layout& l,
                             Index count, const Neuron& neuron) {
    const Constants<T> c(neuron);
    T v[most_columns];
    for (Index j = 0; j < count; ++j) v[j] = v_first[j];
    for (Index t = 0; t < l.steps; ++t) {
        const T* in = x + t * l.x_stride;
        T* out = s + t * l.columns;
        if (t + 1 < l.steps) {
            if (l.x_stride) fetch<false>(in + l.x_stride, count);
            fetch<true>(out + l.columns, count);
        }
#pragma omp simd
        for (Index j = 0; j < count; ++j) {
            const T h = charge<fused>(c, in[j], v[j]);
            out[j] = h >= c.v_threshold ? T(1) : T(0);
            v[j] = reset<hard>(c, h);
        }
    }
    for (Index j = 0; j < count; ++j) v_last[j] = v[j];
}

template <typename T> struct Gradients {
    const T *spikes, *v_last;  // incoming; null for 0
    T *x, *v_first;            // outgoing
};

template <bool fused, bool hard, bool detach, typename T>
SG_INLINE void backward_strip(const T* x, const T* v_first, const Gradients<T>& g, const Layout& l,
                              Index count, const Neuron& neuron, Slope<T> slope, const double* p,
                              T* distances) {
    const Constants<T> c(neuron);
    T later[most_columns], to_spike[most_columns], none[most_columns];
    for (Index j = 0; j < count; ++j) later[j] = v_first[j];
    for (Index t = 0; t < l.steps; ++t) {
        const T* in = x + t * l.x_stride;
        T* d = distances + t * count;
        if (l.x_stride && t + 1 < l.steps) fetch<false>(in + l.x_stride, count);
#pragma omp simd
        for (Index j = 0; j < count; ++j) {
            const T h = charge<fused>(c, in[j], later[j]);
            d[j] = h - c.v_threshold;
            later[j] = reset<hard>(c, h);
        }
    }
    // From here on the gradient of the potential after the reset.
    for (Index j = 0; j < count; ++j) later[j] = g.v_last ? g.v_last[j] : T(0);
    for (Index j = 0; j < count; ++j) none[j] = T(0);
    if (!l.x_stride)
        for (Index j = 0; j < count; ++j) g.x[j] = T(0);
    const T to_reset = c.reset - c.v_threshold;
    for (Index t = l.steps - 1; t >= 0; --t) {
        const T* d = distances + t * count;
        const T* in = g.spikes ? g.spikes + t * l.columns : none;
        T* out = g.x + t * l.x_stride;
        if (t > 0) {
            if (g.spikes) fetch<false>(in - l.columns, count);
            if (l.x_stride) fetch<true>(out - l.x_stride, count);
        }
        if (detach) {
            slope(in, d, to_spike, count, p);
        } else {
#pragma omp simd
            for (Index j = 0; j < count; ++j)
                to_spike[j] = in[j] + later[j] * (hard ? to_reset - d[j] : -c.reset);
            slope(to_spike, d, to_spike, count, p);
        }
        if (l.x_stride) {
#pragma omp simd
            for (Index j = 0; j < count; ++j) {
                const T to_h = to_spike[j] + (hard && d[j] >= T(0) ? T(0) : later[j]);
                out[j] = c.gain * to_h;
                later[j] = c.keep * to_h;
            }
        } else {
#pragma omp simd
            for (Index j = 0; j < count; ++j) {
                const T to_h = to_spike[j] + (hard && d[j] >= T(0) ? T(0) : later[j]);
                out[j] += c.gain * to_h;
                later[j] = c.keep * to_h;
            }
        }
    }
    for (Index j = 0; j < count; ++j) g.v_first[j] = later[j];
}

// Columns of a strip: as many as the cache holds, few enough that every thread gets some.
inline Index strip_of(const Layout& l, int threads, Index size) {
    Index width = strip_bytes / (std::max<Index>(l.steps, 1) * size) / line * line;
    width = std::min(std::max(width, least_columns), most_columns);
    if (threads > 1 && l.steps * l.columns > grain)
        width = std::min(width, rounded_up((l.columns + threads - 1) / threads, line));
    return width;
}

}  // namespace sg

#define SG_FORWARD_CASE(fused, hard)                                                               \
    return sg::forward_strip<fused, hard>(x, v_first, s, v_last, *l, count, *n)

#define SG_BACKWARD_CASE(fused, hard, detach)                                                      \
    return sg::backward_strip<fused, hard, detach>(x, v_first, *g, *l, count, *n, slope, p, memory)

#define SG_BACKWARD_CASES(fused)                                                                   \
    if (n->hard && n->detach_reset) SG_BACKWARD_CASE(fused, true, true);                           \
    if (n->hard) SG_BACKWARD_CASE(fused, true, false);                                             \
    if (n->detach_reset) SG_BACKWARD_CASE(fused, false, true);                                     \
    SG_BACKWARD_CASE(fused, false, false);

#define SG_STRIPS(T, suffix)                                                                       \
    SG_CLONES static void sg_forward_strip_##suffix(                                               \
        const T* x, const T* v_first, T* s, T* v_last, const sg::Layout* l, sg::Index count,       \
        const sg::Neuron* n, bool fused) {                                                         \
        if (fused && n->hard) SG_FORWARD_CASE(true, true);                                         \
        if (fused) SG_FORWARD_CASE(true, false);                                                   \
        if (n->hard) SG_FORWARD_CASE(false, true);                                                 \
        SG_FORWARD_CASE(false, false);                                                             \
    }                                                                                              \
    SG_CLONES static void sg_backward_strip_##suffix(                                              \
        const T* x, const T* v_first, const sg::Gradients<T>* g, const sg::Layout* l,              \
        sg::Index count, const sg::Neuron* n, sg::Slope<T> slope, const double* p, T* memory,      \
        bool fused) {                                                                              \
        if (fused) {                                                                               \
            SG_BACKWARD_CASES(true)                                                                \
        }                                                                                          \
        SG_BACKWARD_CASES(false)                                                                   \
    }                                                                                              \
    SG_EXPORT void sg_sequence_forward_##suffix(const T* x, const T* v_first, T* s, T* v_last,     \
                                                const sg::Layout* l, const sg::Neuron* n,          \
                                                int threads) {                                     \
        sg::in_pieces(l->columns, sg::strip_of(*l, threads, sizeof(T)), threads,                   \
                      [=](sg::Index i, sg::Index k) {                                              \
                          sg_forward_strip_##suffix(x + i, v_first + i, s + i, v_last + i, l, k,   \
                                                    n, sg::fuses());                               \
                      });                                                                          \
    }                                                                                              \
    SG_EXPORT int sg_sequence_backward_##suffix(                                                   \
        const T* x, const T* v_first, const T* grad_spikes, const T* grad_v_last, T* grad_x,       \
        T* grad_v_first, const sg::Layout* l, const sg::Neuron* n, sg::Slope<T> slope,             \
        const double* p, int threads) {                                                            \
        const sg::Index width = sg::strip_of(*l, threads, sizeof(T));                              \
        int failed = 0;                                                                            \
        sg::in_pieces(l->columns, width, threads, [&](sg::Index i, sg::Index k) {                  \
            static thread_local sg::Buffer buffer;                                                 \
            T* membrane = static_cast<T*>(buffer.of(l->steps * width * sizeof(T)));                \
            if (!membrane) {                                                                       \
                failed = 1;                                                                        \
                return;                                                                            \
            }                                                                                      \
            const sg::Gradients<T> g{grad_spikes ? grad_spikes + i : nullptr,                      \
                                     grad_v_last ? grad_v_last + i : nullptr, grad_x + i,          \
                                     grad_v_first + i};                                            \
            sg_backward_strip_##suffix(x + i, v_first + i, &g, l, k, n, slope, p, membrane,        \
                                       sg::fuses());                                               \
        });                                                                                        \
        return failed;                                                                             \
    }

SG_STRIPS(float, f32)
SG_STRIPS(double, f64)
