"""The audit's report: one self-contained HTML page, verdicts first. No network, no build."""

import html
import shlex
from typing import Any

from hardposterior import typesetting
from hardposterior.audit_plots import plots
from hardposterior.auditing import AuditReport
from hardposterior.ledger import versions
from hardposterior.report_page import PAGE
from hardposterior.typesetting import relations

STATUSES = ("failed", "not independent", "refuted", "consistent")

STYLE = """
.plots{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,19rem),1fr));gap:1rem}
figure{margin:0;break-inside:avoid}figcaption{color:var(--soft);font-size:.85em}
svg{width:100%;height:auto;max-width:26rem}svg text{font:10px sans-serif;fill:var(--ink)}
.exact{fill:var(--pale);stroke:var(--held)}.line{fill:none;stroke:var(--bad);stroke-width:2}
.dot{fill:var(--bad)}.ring{fill:none;stroke:var(--held)}svg.key{width:3rem;vertical-align:middle}
.badge.consistent{color:var(--good)}.void{border:2px solid var(--bad);padding:.5rem 1rem}
summary .claim{overflow-wrap:anywhere}
@media print{svg,.badge{print-color-adjust:exact}.plots{grid-template-columns:repeat(3,1fr)}}
"""


def badge(status: str, bad: bool) -> str:
    """A status as a label whose class carries its colour."""
    return f"<span class='badge {'bad' if bad else 'consistent'}'>{html.escape(status)}</span>"


def command(report: AuditReport, problem: str) -> str:
    """The command that audits this problem again: the same y, its share of alpha and budget."""
    s = report.settings
    parts = ["hardposterior", "audit", report.target, "--problem", problem]
    parts += [
        "--verdict",
        s["verdict"],
        "--tau",
        f"{s['tau']:g}",
        "--alpha",
        repr(s["alpha"] / s["problems"]),
    ]
    if s["verdict"] == "claim":
        parts += ["--delta", f"{s['delta']:g}"]
    parts += [
        "--budget",
        repr(s["budget"] / s["problems"]),
        "--seed",
        str(s["seed"]),
        "--dtype",
        s["dtype"],
    ]
    return shlex.join(parts + ["--first"] * s["first"])


def witness(certificate: Any) -> str:
    """The set and its two probabilities as a table."""
    if certificate is None:
        return ""
    rows = "".join(
        f"<tr><th scope='row'>{name}</th><td class='n'>{hits / trials:.4f}</td>"
        f"<td class='n'>[{low:.4f}, {high:.4f}]</td><td class='n'>{hits:,} of {trials:,}</td></tr>"
        for name, (hits, trials, low, high) in (
            ("sampler", certificate.sampler),
            ("exact posterior", certificate.exact),
        )
    )
    side = "A, exact on its neighbourhood" if certificate.sampler_more else "its neighbourhood"
    y = ", ".join(f"{v:.4g}" for v in certificate.y[:16])
    more = f" and {len(certificate.y) - 16} more" if len(certificate.y) > 16 else ""
    return (
        f"<p><strong>{html.escape(certificate.kind)}</strong>: "
        f"{html.escape(certificate.words)}.</p>"
        f"<p>A = {{x : {relations(certificate.set)}}}; A<sup>τ</sup> its closed neighbourhood in "
        f"x, τ = {certificate.tau:.3g}; the sampler is measured on {side}.</p>"
        "<div class='scroll' tabindex='0' role='group' aria-label='mass of A'><table><thead><tr>"
        "<th scope='col'>law</th><th scope='col' class='n'>mass</th><th scope='col' class='n'>"
        "exact interval</th><th scope='col' class='n'>draws</th></tr></thead>"
        f"<tbody>{rows}</tbody></table></div>"
        f"<p>The gap exceeds {certificate.gap:.4f}; {certificate.delta:g} is forgiven; level "
        f"{certificate.alpha:.2g}.</p>" + (f"<p class='said'>y = ({y}{more})</p>" if y else "")
    )


def card(report: AuditReport, row: Any) -> str:
    """One problem: verdict, witness, plots, command, controls."""
    bad = row.status != "consistent"
    again = command(report, row.problem)
    rerun = html.escape(again, quote=True)
    reason = report.known.get(f"{row.problem}/{row.asked}")
    also = "".join(f"<li>{relations(sentence)}</li>" for sentence in row.more)
    controls = "".join(
        f"<li>{html.escape(c.name)}: {badge(c.verdict.status, not c.behaves)}"
        f"{'' if c.behaves else f' (must be {html.escape(c.expected)})'}</li>"
        for c in report.controls
        if c.problem == row.problem
    )
    return (
        f"<details class='card' id='{html.escape(row.problem)}' data-status='{row.status}'"
        f"{' open' if bad else ''}>"
        f"<summary><h2><code>{html.escape(row.problem)}</code></h2> {badge(row.status, bad)}"
        f"{' <small>known</small>' if reason and bad else ''}"
        f"<span class='claim'>{relations(row.detail)}</span></summary>"
        + (f"<p>Known failure: {html.escape(reason)}</p>" if reason and bad else "")
        + witness(row.certificate)
        + (f"<h3>Also wrong</h3><ul>{also}</ul>" if also else "")
        + plots(row.plots)
        + (f"<h3>Controls</h3><ul>{controls}</ul>" if controls else "")
        + f"<p class='soft'>{row.asked}; {row.tried} values of y, {row.draws:,} draws, "
        f"{row.seconds:.1f} s of sampler time</p><p><code>{typesetting.command(again)}</code> "
        f"<button class='copy' data-text='{rerun}' aria-label='copy the command that audits "
        f"{html.escape(row.problem)}'>copy</button></p></details>"
    )


def page(report: AuditReport) -> str:
    """The whole page."""
    rows = sorted(report.verdicts, key=lambda v: STATUSES.index(v.status))
    counts = "".join(
        f"<li>{badge(status, status != 'consistent')} {number}</li>"
        for status in STATUSES
        if (number := sum(v.status == status for v in rows))
    )
    void = (
        "<p class='void' role='alert'>Void: a control misbehaved, so nothing here can be relied "
        "on.</p>"
        if report.void
        else ""
    )
    if report.interrupted:
        done, wanted = len(report.verdicts), report.settings["problems"]
        void += f"<p class='void'>Interrupted: {done} of {wanted} problems are judged.</p>"
    void += "".join(
        f"<p class='void'>Known failure {html.escape(key)} no longer fails: remove it.</p>"
        for key in report.fixed
    )
    s = report.settings
    setting = ", ".join(f"{name} {value}" for name, value in s.items())
    title = f"audit of {html.escape(report.target)}"
    head, _, rest = PAGE.partition("<header>")
    script = rest[rest.index("<script>") :]
    head = head.replace("hardposterior: the ledger", title).replace("</style>", STYLE + "</style>")
    return (
        f"{head}<header><h1>{title}</h1><p class='soft'>Verdicts on a posterior sampler, from "
        "exact posteriors; a correct one is refuted anywhere with probability at most "
        f"{s['alpha']:g}.</p>"
        f"{void}<ul class='counts' aria-label='problems by verdict'>{counts}</ul>"
        "<p class='filter'><label>Filter <input id='filter' type='search' placeholder='problem or "
        "verdict'></label> <span id='shown' role='status'></span></p>"
        "<p class='unseen' id='said' role='status'></p></header><main>"
        + "".join(card(report, row) for row in rows)
        + f"</main><footer class='soft'><p>{html.escape(setting)}</p>"
        f"<p>{html.escape(', '.join(f'{k} {v}' for k, v in versions().items()))}</p></footer>"
        + script
    )
