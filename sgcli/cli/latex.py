"""Text as LaTeX: special characters escaped, numbers and symbols set as mathematics."""

from __future__ import annotations

import re

LATEX = {
    "\\": r"\textbackslash{}", "_": r"\_", "%": r"\%", "&": r"\&", "#": r"\#", "^": r"\^{}",
    "|": r"\textbar{}", "<": "$<$", ">": "$>$", "{": r"\{", "}": r"\}", "$": r"\$",
    "~": r"\textasciitilde{}", "–": "--", "−": "$-$", "±": r"$\pm$", "×": r"$\times$",
    "·": r"$\cdot$", "≤": r"$\leq$", "≥": r"$\geq$", "≠": r"$\neq$", "≈": r"$\approx$",
    "∞": r"$\infty$", "√": r"$\surd$", "∫": r"$\int$", "∮": r"$\oint$",
    "Σ": r"$\Sigma$", "Π": r"$\Pi$", "∂": r"$\partial$", "‖": r"$\Vert$", "⟨": r"$\langle$",
    "⟩": r"$\rangle$", "′": "$'$", "✓": r"$\surd$", "✗": r"$\times$", "→": r"$\to$",
    "°": r"$^\circ$", "½": r"$\frac{1}{2}$", "…": r"\dots{}", "’": "'",
    "α": r"$\alpha$", "β": r"$\beta$", "δ": r"$\delta$", "ε": r"$\varepsilon$", "θ": r"$\theta$",
    "λ": r"$\lambda$", "μ": r"$\mu$", "π": r"$\pi$", "ρ": r"$\rho$", "σ": r"$\sigma$",
    "τ": r"$\tau$", "φ": r"$\varphi$", "Δ": r"$\Delta$", "Θ": r"$\Theta$", "Φ": r"$\Phi$",
    **{c: f"$^{{{n}}}$" for c, n in zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", [*range(10), "-"], strict=True)},
    **{c: f"$_{{{n}}}$" for n, c in enumerate("₀₁₂₃₄₅₆₇₈₉")},
}  # fmt: skip
# What is more than its characters: a mean with its deviation, a named parameter with its value, a
# power, a symbol with an index, a number with an exponent, a minus.
NUMBER = r"-?[\d.]+(?![\d.]*e)"
MATHS = (
    (re.compile(rf"({NUMBER}) ± ({NUMBER})"), r"$\1 \\pm \2$"),
    (re.compile(rf"\b(alpha|beta|sigma|tau)\s?=\s?({NUMBER})"), r"$\\\1 = \2$"),
    (re.compile(r"\b(r)\^(\d+)"), r"$\1^{\2}$"),
    (re.compile(r"β_SG"), r"$\\beta_{\\mathrm{SG}}$"),
    (re.compile(r"σ_w²"), r"$\\sigma_w^2$"),
    (re.compile(r"\|x\|\^(-?[\d.]+)"), r"$|x|^{\1}$"),
    (re.compile(r"(?<![\w.])(-?[\d.]+)e([+-])0*(\d+)(?!\w)"), r"$\1\\times10^{\2\3}$"),
    (re.compile(r"(?<![\w.)])-(?=[\d∞])"), "$-$"),
)


def latex_text(text: str) -> str:
    """Text with LaTeX's special characters escaped and its numbers set as such."""
    for pattern, form in MATHS:
        if match := pattern.search(text):
            before, after = text[: match.start()], text[match.end() :]
            return latex_text(before) + match.expand(form).replace("^{+", "^{") + latex_text(after)
    return "".join(LATEX.get(c, c) for c in text)
