"""Known defects of released libraries, as data, and the judgement of a report by them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from sgcli.checks.verdict import Report, Verdict
from sgcli.definitions.expression import parse, value
from sgcli.maths import numpy_

NOT_REPORTED = "not reported"
SNNTORCH = "https://github.com/jeshraghian/snntorch/issues/"
# Only in these checks is a verdict's ``x`` the place of the defect; in the others ``x`` is
# something else.
LOCATED = ("forward", "backward", "finite", "primitive")


@dataclass(frozen=True)
class Known:
    """One defect of one release.

    ``surrogate`` and each of ``checks`` (a verdict's name, as ``backward float32``) are shell
    patterns. ``when`` says for which parameters of ours it shows and ``where`` at which x, as
    expressions; empty means everywhere. ``issue`` is where upstream tracks it, empty for a choice
    that is no fault.
    """

    library: str
    release: str
    surrogate: str
    checks: tuple[str, ...]
    what: str
    when: str = ""
    where: str = ""
    issue: str = NOT_REPORTED

    def shows(self, library: str, release: str, name: str, params: Mapping[str, float]) -> bool:
        """Whether that surrogate at those parameters of ours has it."""
        return (
            (self.library, self.release) == (library, release)
            and fnmatchcase(name, self.surrogate)
            and _holds(self.when, params)
        )

    @property
    def text(self) -> str:
        """What is wrong, and where upstream has it."""
        return f"{self.what} [{self.issue}]" if self.issue else self.what

    def concerns(self, verdict: Verdict) -> bool:
        return any(fnmatchcase(verdict.name, pattern) for pattern in self.checks)

    def explains(self, verdict: Verdict, params: Mapping[str, float]) -> bool:
        """Whether a failure is this one: of its checks and, where that is told, in its region."""
        if verdict.status not in ("fail", "note") or not self.concerns(verdict):
            return False
        if verdict.x is None or verdict.check not in LOCATED:
            return True
        return _holds(self.where, {**params, "x": verdict.x})


def _holds(condition: str, variables: Mapping[str, float]) -> bool:
    return not condition or bool(value(parse(condition), numpy_, variables))


def surrogate_of(report: Report) -> str:
    """Their name of the surrogate, from a label such as ``snntorch:sigmoid(slope=25)``."""
    return report.label.partition(":")[2].partition("(")[0]


def judge(
    report: Report, library: str, release: str, table: Sequence[Known] | None = None
) -> Report:
    """The report with its known failures marked as such.

    A known defect that none of its checks shows any more is a failure too: the table is then out
    of date. Notes that a defect explains (half precision) are marked as well.
    """
    params, name = report.params, surrogate_of(report)
    expected = [k for k in table or KNOWN if k.shows(library, release, name, params)]
    verdicts: list[Verdict] = []
    for verdict in report.verdicts:
        known = next((k for k in expected if k.explains(verdict, params)), None)
        if known:
            verdict = replace(verdict, status="known", detail=known.text)
        verdicts.append(verdict)
    for known in expected:
        ran = [v for v in report.verdicts if known.concerns(v) and v.status != "skip"]
        if ran and not any(known.explains(v, params) for v in ran):
            detail = f"a known defect of {library} {release} no longer shows: {known.what}"
            verdicts.append(Verdict("known", "fail", detail=detail))
    return replace(report, verdicts=tuple(verdicts))


GRADIENT = ("backward *", "parameters float64", "neuron float64")
OTHER_DTYPES = ("forward float64", "forward bfloat16", "forward float16", "neuron float64")

KNOWN: tuple[Known, ...] = (
    Known(
        "spikingjelly", "2.0.0", "Sigmoid", ("backward *", "parameters float64"),
        "(1 - s)*s*alpha cancels right of the threshold and is then 0: in bfloat16 from "
        "alpha*x = 6.25 on, in float32 from 16.7 on",
        where="alpha*x > 5",
    ),
    Known(
        "spikingjelly", "2.0.0", "PiecewiseQuadratic", ("primitive *",),
        "the primitive squares x: NaN where that overflows, in float16 from |x| = 256 on",
        where="abs(alpha*x) > 100",
    ),
    Known(
        "spikingjelly", "2.0.0", "SoftSign", ("primitive *",),
        "the primitive is inf/inf = NaN where alpha*|x| overflows, in float16 beyond 65504",
        when="alpha > 1", where="abs(alpha*x) > 60000",
    ),
    Known(
        "spikingjelly", "2.0.0", "NonzeroSignLogAbs", ("primitive *",),
        "the primitive is infinite where alpha*|x| overflows, in float16 beyond 65504",
        when="alpha > 1", where="abs(alpha*x) > 60000",
    ),
    Known(
        "spikingjelly", "2.0.0", "SuperSpike", ("primitive *",),
        "it takes spiking=False, but its primitive raises NotImplementedError",
    ),
    Known(
        "spikingjelly", "2.0.0", "PiecewiseLeakyReLU", ("backward *", "parameters float64"),
        "documented to be 1/(2w) at |x| = w, the gradient is c there",
        when="abs(c - 1/(2*w)) > 0", where="abs(abs(x) - w) <= 0",
    ),
    Known(
        "spikingjelly", "2.0.0", "PiecewiseLeakyReLU", ("primitive *",),
        "the primitive is NaN where x/(2w) overflows",
        when="w < 0.5", where="abs(x/(2*w)) > 60000",
    ),
    Known(
        "spikingjelly", "2.0.0", "SquarewaveFourierSeries",
        ("backward *", "finite *", "primitive *"),
        "NaN where the phase of the last term overflows",
        when="(2*n - 1)*2*pi/T_period > 1", where="abs((2*n - 1)*2*pi/T_period*x) > 60000",
    ),
    Known(
        "spikingjelly", "2.0.0", "SquarewaveFourierSeries-as-documented",
        (*GRADIENT, "finite *", "primitive *"),
        "n is documented as the number of terms, of which n - 1 are summed: none for n = 1, "
        "whose gradient is 0",
    ),
    Known(
        "spikingjelly", "2.0.0", "S2NN", ("primitive float64", "primitive float32"),
        "1e-5 is added inside the logarithm: the primitive is off by up to beta*1e-5, jumps at 0 "
        "and is not the antiderivative of the gradient",
        where="x >= 0",
    ),
    Known(
        "spikingjelly", "2.0.0", "QPseudoSpike", ("backward *", "parameters float64"),
        "a power of the rounded 1 + 2|x|/(alpha - 1): up to alpha units in the last place off",
        when="alpha > 8", where="abs(x) < 1",
    ),
    Known(
        "spikingjelly", "2.0.0", "FakeNumericalGradient",
        ("backward *", "finite *", "parameters float64"),
        "the gradient is -inf at x = -0.0",
        where="abs(x) <= 0",
    ),
    Known(
        "spikingjelly", "2.0.0", "FakeNumericalGradient", ("primitive *",),
        "it has set_spiking_mode(False), but no primitive: NotImplementedError",
    ),
    Known(
        "spikingjelly", "2.0.0", "PoissonPass", ("*",),
        "RuntimeError for an x outside [0, 1]; spikes are float32 whatever the input",
    ),
    Known(
        "snntorch", "1.0.0", "LSO", ("*",),
        "raises TypeError whenever it is called: it applies the operator of SSO",
        issue=SNNTORCH + "430",
    ),
    Known(
        "snntorch", "1.0.0", "*", OTHER_DTYPES,
        "spikes are float32 whatever the input",
        issue=SNNTORCH + "422",
    ),
    Known(
        "snntorch", "1.0.0", "sigmoid",
        ("backward *", "finite *", "parameters float64", "double_backward"),
        "exp(-slope*x) overflows below the threshold: in float32 0 instead of the gradient from "
        "x = -44.4/slope down, NaN from -85.5/slope down",
        where="alpha*x < -5", issue=SNNTORCH + "427",
    ),
    Known(
        "snntorch", "1.0.0", "triangular", GRADIENT,
        "no triangle: the gradient is threshold below the threshold and -threshold above it, "
        "at any distance",
    ),
    Known(
        "snntorch", "1.0.0", "heaviside", ("backward *",),
        "a choice, not a fault: at x = 0 it neither fires nor has a gradient, where ours has that "
        "of the right",
        where="abs(x) <= 0", issue="",
    ),
    Known(
        "norse", "1.1.0", "super", GRADIENT,
        "alpha is ignored: the gradient is (1 + |x|)^-2 whatever it is",
        when="abs(alpha - 1) > 0",
    ),
    Known(
        "norse", "1.1.0", "tanh", ("backward *", "parameters float64"),
        "1 - tanh(kx)^2 cancels in both tails and is then 0: in float32 from |kx| = 9 on",
        where="abs(alpha*x) > 5",
    ),
    Known(
        "norse", "1.1.0", "heavi_erfc",
        ("backward float64", "parameters float64", "neuron float64"),
        "the square root of pi is a float32: 2.7e-8 off in float64",
    ),
    Known(
        "norse", "1.1.0", "logistic", ("backward *", "parameters float64"),
        "1 - tanh(kx)^2 cancels in both tails and is then 0: in float32 from |kx| = 9 on",
        where="abs(alpha*x) > 5",
    ),
    Known(
        "norse", "1.1.0", "logistic", ("forward *",), "ValueError where an x is NaN",
    ),
    Known(
        "norse", "1.1.0", "circ_dist", ("forward *",), "ValueError where an x is NaN",
    ),
    Known(
        "norse", "1.1.0", "circ*",
        ("backward *", "finite *", "parameters float64", "double_backward"),
        "a difference of two terms that cancels in the tail, and NaN where x^2 or its power 1.5 "
        "overflows: in float16 from |x| = 256 on",
        where="abs(x) > 15",
    ),
    Known(
        "sinabs", "3.1.3", "*", OTHER_DTYPES,
        "spikes are float32 whatever the input",
    ),
    Known(
        "sinabs", "3.1.3", "PeriodicExponential", ("backward *", "finite *"),
        "NaN where x over the threshold overflows: in float16 from 32768 on at a threshold of 0.5",
        when="v_threshold < 1", where="abs(x/v_threshold) > 60000",
    ),
    Known(
        "sinabs", "3.1.3", "*Gaussian", ("backward float64", "parameters float64"),
        "the square root of 2 pi is a float32: 1e-8 off in float64",
    ),
)  # fmt: skip
