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

constexpr Index strip_bytes = 1 << 18;  // of membranes, within a core's second-level cache
constexpr Index group = 4;  // steps that a row makes between being loaded and stored
constexpr Index most_columns = 128, least_columns = 32;

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

template <bool fused, typename T> SG_INLINE T multiply_add(T a, T b, T c) {
    return fused ? std::fma(a, b, c) : a * b + c;
}

template <bool fused, typename T> SG_INLINE T charge(const Constants<T>& c, T x, T v) {
    return multiply_add<fused>(c.keep, v, c.gain * x + c.drive);
}

template <bool hard, typename T> SG_INLINE T reset(const Constants<T>& c, T h) {
    const bool fires = h >= c.v_threshold;
    if (hard) return fires ? c.reset : h;
    return fires ? h - c.reset : h;
}

// A row of a strip for each step; with a stride of 0 it is one and the same.
template <typename T> struct Rows {
    T* first;
    Index stride;
    T* at(Index t) const { return first + t * stride; }
    Rows from(Index t) const { return {at(t), stride}; }
};

// A row begins on a page of its own, where no processor looks ahead by itself.
template <typename T> SG_INLINE void fetch(const Rows<T>& rows, Index t, Index end, Index count) {
    if (!rows.stride) return;
    for (; t < end; ++t) fetch(rows.at(t), count);
}

template <typename T>
SG_INLINE void stream(const Rows<T>& from, const Rows<T>& to, Index rows, Index count) {
    for (Index k = 0; k < rows; ++k) stream(from.at(k), to.at(k), count);
}

// Rows that begin amid a line share it with a neighbour, and would go in parts.
template <typename T> SG_INLINE bool rows_go_away(const Layout& l) {
    return l.columns * Index(sizeof(T)) % line_bytes == 0 && goes_away<T>(l.steps * l.columns);
}

// How many steps are made at once, of those that are left.
SG_INLINE Index next_steps(Index left) { return left < group ? 1 : group; }

// Steps forward: spikes, or distances from the threshold.
template <Index steps, bool spikes, bool fused, bool hard, typename T>
SG_INLINE void advance(const Rows<const T> x, T* v, const Rows<T> out, Index count,
                       const Constants<T> c) {
#pragma omp simd
    for (Index j = 0; j < count; ++j) {
        T now = v[j];
#pragma GCC unroll 4
        for (Index k = 0; k < steps; ++k) {
            const T h = charge<fused>(c, x.at(k)[j], now);
            out.at(k)[j] = spikes ? (h >= c.v_threshold ? T(1) : T(0)) : h - c.v_threshold;
            now = reset<hard>(c, h);
        }
        v[j] = now;
    }
}

template <bool fused, bool hard, typename T>
SG_INLINE void forward_strip(const T* x, const T* v_first, T* s, T* v_last, const Layout& l,
                             Index count, const Neuron& neuron) {
    const Constants<T> c(neuron);
    const Rows<const T> in{x, l.x_stride};
    const Rows<T> out{s, l.columns};
    const bool away = rows_go_away<T>(l);
    T v[most_columns], made[group * most_columns];
    for (Index j = 0; j < count; ++j) v[j] = v_first[j];
    for (Index t = 0, n; t < l.steps; t += n) {
        n = next_steps(l.steps - t);
        const Index end = std::min(t + n + group, l.steps);
        fetch(in, t + n, end, count);
        if (!away) fetch(out, t + n, end, count);
        const Rows<T> to = away ? Rows<T>{made, count} : out.from(t);
        if (n == group)
            advance<group, true, fused, hard>(in.from(t), v, to, count, c);
        else
            advance<1, true, fused, hard>(in.from(t), v, to, count, c);
        if (away) stream(to, out.from(t), n, count);
    }
    if (away) end_stream();
    for (Index j = 0; j < count; ++j) v_last[j] = v[j];
}

template <typename T> struct Gradients {
    const T *spikes, *v_last;  // incoming; null for 0
    T *x, *v_first;            // outgoing
};

// Room for a strip of the backward pass: what it works out again at every step, and rows for the
// steps that are made at once.
template <typename T> struct Room {
    Rows<T> distances, slopes, ones, made;
    Room(T* memory, Index steps, Index count)
        : distances{memory, count}, slopes{distances.at(steps), count},
          ones{slopes.at(group), count}, made{ones.at(group), count} {}
    static Index size(Index steps, Index count) { return (steps + 3 * group) * count; }
};

// Steps backward; `later` is the gradient of the potential after the reset.
template <Index steps, bool fused, bool hard, bool detach, typename T>
SG_INLINE void retreat(const Rows<const T> spikes, const Rows<T> distances, const Rows<T> slopes,
                       T* later, const Rows<T> x, Index count, const Constants<T> c) {
    const T to_reset = c.reset - c.v_threshold;
#pragma omp simd
    for (Index j = 0; j < count; ++j) {
        T now = later[j];
#pragma GCC unroll 4
        for (Index k = steps - 1; k >= 0; --k) {
            const T d = distances.at(k)[j], given = spikes.at(k)[j];
            const T reset_by = hard ? to_reset - d : -c.reset;
            const T to_spike = detach ? given : multiply_add<fused>(now, reset_by, given);
            const T kept = hard && d >= T(0) ? T(0) : now;
            const T to_h = multiply_add<fused>(to_spike, slopes.at(k)[j], kept);
            x.at(k)[j] = c.gain * to_h;
            now = c.keep * to_h;
        }
        later[j] = now;
    }
}

template <bool fused, bool hard, bool detach, typename T>
SG_INLINE void backward_strip(const T* x, const T* v_first, const Gradients<T>& g, const Layout& l,
                              Index count, const Neuron& neuron, Slope<T> slope, const double* p,
                              T* memory) {
    const Constants<T> c(neuron);
    const Room<T> room(memory, l.steps, count);
    const Rows<const T> in{x, l.x_stride};
    T later[most_columns], none[most_columns];
    for (Index j = 0; j < count; ++j) later[j] = v_first[j];
    std::fill(room.ones.first, room.ones.at(group), T(1));
    for (Index t = 0, n; t < l.steps; t += n) {
        n = next_steps(l.steps - t);
        fetch(in, t + n, std::min(t + n + group, l.steps), count);
        if (n == group)
            advance<group, false, fused, hard>(in.from(t), later, room.distances.from(t), count, c);
        else
            advance<1, false, fused, hard>(in.from(t), later, room.distances.from(t), count, c);
    }
    for (Index j = 0; j < count; ++j) later[j] = g.v_last ? g.v_last[j] : T(0);
    for (Index j = 0; j < count; ++j) none[j] = T(0);
    const Rows<const T> spikes{g.spikes ? g.spikes : none, g.spikes ? l.columns : 0};
    const Rows<T> out{g.x, l.x_stride};
    const bool away = l.x_stride && rows_go_away<T>(l);
    if (!l.x_stride) std::fill(g.x, g.x + count, T(0));
    for (Index t = l.steps, n; t > 0;) {
        n = t % group ? 1 : group;
        t -= n;
        fetch(spikes, std::max<Index>(t - group, 0), t, count);
        if (!away) fetch(out, std::max<Index>(t - group, 0), t, count);
        const Rows<T> to = l.x_stride && !away ? out.from(t) : room.made;
        const Rows<T> distances = room.distances.from(t);
        slope(room.ones.first, distances.first, room.slopes.first, n * count, p, false);
        if (n == group)
            retreat<group, fused, hard, detach>(spikes.from(t), distances, room.slopes, later, to,
                                                count, c);
        else
            retreat<1, fused, hard, detach>(spikes.from(t), distances, room.slopes, later, to,
                                            count, c);
        if (away) stream(to, out.from(t), n, count);
        if (!l.x_stride)
            for (Index k = 0; k < n; ++k)
                for (Index j = 0; j < count; ++j) g.x[j] += to.at(k)[j];
    }
    if (away) end_stream();
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
            const sg::Index wanted = sg::Room<T>::size(l->steps, width) * sizeof(T);              \
            T* memory = static_cast<T*>(buffer.of(wanted));                                        \
            if (!memory) {                                                                         \
                failed = 1;                                                                        \
                return;                                                                            \
            }                                                                                      \
            const sg::Gradients<T> g{grad_spikes ? grad_spikes + i : nullptr,                      \
                                     grad_v_last ? grad_v_last + i : nullptr, grad_x + i,          \
                                     grad_v_first + i};                                            \
            sg_backward_strip_##suffix(x + i, v_first + i, &g, l, k, n, slope, p, memory,          \
                                       sg::fuses());                                               \
        });                                                                                        \
        return failed;                                                                             \
    }

SG_STRIPS(float, f32)
SG_STRIPS(double, f64)
