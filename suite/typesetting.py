"""Formulas of claims as HTML: Greek letters, hats, subscripts and superscripts, all escaped."""

import html
import re

GREEK = {
    "eps": "ε",
    "eta": "η",
    "theta": "θ",
    "sigma": "σ",
    "rho": "ρ",
    "beta": "β",
    "delta": "δ",
    "tau": "τ",
    "alpha": "α",
    "kappa": "κ",
    "psi": "ψ",
    "phi": "φ",
    "mu": "μ",
    "pi": "π",
    "Phi": "Φ",
    "Gamma": "Γ",
    "Delta": "Δ",
    "Theta": "Θ",
    "Omega": "Ω",
}
SIGNS = {"<=": "≤", ">=": "≥", "!=": "≠", "->": "→"}

LETTER = r"(?:<i>.</i>|[^\W_]&#770;|[^\W_])"
NESTED = r"(?:[^()]|\((?:[^()]|\([^()]*\))*\))*"
UP = re.compile(
    rf"\^(?:\{{([^{{}}]+)\}}|\(({NESTED})\)|([-+]?{LETTER}+(?<=</i>)\([^()]*\)"
    rf"|[-+]\({NESTED}\)|[-+]?{LETTER}+))"
)
DOWN = re.compile(rf"_(?:\{{([^{{}}]+)\}}|\(([^()]+)\)|(\d\.\.{LETTER}|{LETTER}+|[-+]))")


def typeset(text: str) -> str:
    """A claim with Greek letters, hats, subscripts and superscripts, as escaped HTML.

    >>> typeset("sigma^2 <= eta_0")
    '<i>σ</i><sup>2</sup> ≤ <i>η</i><sub>0</sub>'
    >>> typeset("p_dec < d^-C, 2^Omega(m)")
    'p<sub>dec</sub> &lt; d<sup>-C</sup>, 2<sup><i>Ω</i>(m)</sup>'
    """
    escaped = html.escape(text, quote=False)
    for words, sign in SIGNS.items():
        escaped = escaped.replace(html.escape(words, quote=False), sign)
    escaped = re.sub(r"(?<![^\W\d_])sqrt(?![^\W\d_])", "√", escaped)
    escaped = re.sub(r"(?<![^\W_])([^\W\d_])_hat(?![^\W\d_])", r"\1&#770;", escaped)
    for word, symbol in GREEK.items():
        escaped = re.sub(rf"(?<![^\W\d_]){word}(?![^\W\d_])", f"<i>{symbol}</i>", escaped)
    # Twice: an exponent may hold one, and an index an index.
    for pattern, tag in ((UP, "sup"), (DOWN, "sub"), (UP, "sup"), (DOWN, "sub")):
        escaped = pattern.sub(lambda m, t=tag: f"<{t}>{_inner(m)}</{t}>", escaped)
    return escaped


def relations(text: str) -> str:
    """Plain words with their relations as signs, as escaped HTML.

    >>> relations("1 <= x")
    '1 ≤ x'
    """
    escaped = html.escape(text)
    for words, sign in SIGNS.items():
        escaped = escaped.replace(html.escape(words), sign)
    return escaped


def command(text: str) -> str:
    """A command that is not broken inside an option, as escaped HTML.

    >>> command("verify --jobs 2")
    "verify <span class='option'>--jobs</span> 2"
    """
    return " ".join(
        f"<span class='option'>{html.escape(word)}</span>"
        if word.startswith("--")
        else html.escape(word)
        for word in text.split(" ")
    )


def _inner(match: re.Match[str]) -> str:
    return next(part for part in match.groups() if part is not None)
