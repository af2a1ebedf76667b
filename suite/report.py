"""The report: one self-contained HTML page for a ledger, verdicts first. No network, no build."""

import html
from collections.abc import Iterable, Mapping
from pathlib import Path

from hardposterior import rooms
from hardposterior.derivations import conditional, derivation
from hardposterior.ledger import FAILED, STRENGTH, Ledger, tightness_of, write_atomically
from hardposterior.provenance import versions
from hardposterior.report_page import PAGE
from hardposterior.runner import Record
from hardposterior.spec.statements import Bound, Definition, Derived, Identity, Statement
from hardposterior.statement_text import at, facts, in_words
from hardposterior.typesetting import typeset
from hardposterior.verification import statuses


def badge(status: str) -> str:
    """A status as a label whose class carries its colour."""
    kind = "bad" if status in FAILED else status.split(maxsplit=1)[0]
    return f'<span class="badge {html.escape(kind)}">{html.escape(status)}</span>'


def evidence_rows(records: Iterable[Record]) -> str:
    """One table row for each piece of evidence, with what went wrong beneath it."""
    rows = []
    for record in records:
        key = f"{record['statement']}/{record['name']}"
        worst = "" if record["tightness"] is None else f"{record['tightness']:.4f}"
        said = html.escape(" ".join(filter(None, (record["counterexample"], record["detail"]))))
        rows.append(
            f"<tr><th scope='row'>{html.escape(record['name'])}<p class='said'>{said}</p></th>"
            f"<td>{record['kind']}</td><td>{record['scope']}</td><td>{badge(record['status'])}</td>"
            f"<td class='n'>{worst}</td><td class='n'>{record['cases']:,}</td>"
            f"<td class='n'>{record['seconds']:.1f}</td>"
            "<td class='rerun'><button class='copy' data-text='hardposterior verify "
            f"{html.escape(key)}' "
            f"aria-label='copy the command that reruns {html.escape(key)}'>copy</button></td></tr>"
        )
    return "".join(rows)


def heads() -> str:
    """The heading cells of the table of evidence, above the numbers where these stand."""
    numbers = ("tightness", "cases", "seconds")
    kinds = {**dict.fromkeys(numbers, "n"), "rerun": "rerun"}
    names = ("evidence", "kind", "scope", "status", *numbers, "rerun")
    return "".join(f"<th scope='col' class='{kinds.get(n, '')}'>{n}</th>" for n in names)


def rests_on(statement: Statement) -> str:
    """What a statement follows from; a derived one says under which assumptions."""
    if isinstance(statement, Derived):
        return derivation(statement).capitalize()
    return f"Rests on {', '.join(statement.depends)}"


def sides(statement: Statement) -> str:
    """Both sides of a bound or an identity, or the formulas of a definition, in words."""
    if isinstance(statement, Bound | Identity):
        found = [("left", in_words(statement.left)), ("right", in_words(statement.right))]
    elif isinstance(statement, Definition):
        found = [(name, in_words(formula)) for name, formula in statement.formulas.items()]
    else:
        return ""
    items = "".join(f"<li>{html.escape(name)}: {typeset(words)}</li>" for name, words in found)
    return f"<h3>In the formulas</h3><ul>{items}</ul>"


def parameter(name: str) -> str:
    """A parameter's name: a letter may have an index, a word has none."""
    word, _, rest = name.partition("_")
    return html.escape(f"{word} {rest}") if rest and len(word) > 1 else typeset(name)


def rerun_all(statement: Statement) -> str:
    """The command that reruns all evidence of a statement, to copy."""
    again = html.escape(f"hardposterior verify {statement.id}")
    return (
        f"<p><code>{again}</code> <button class='copy' data-text='{again}' "
        f"aria-label='copy the command that reruns {html.escape(statement.id)}'>copy</button></p>"
    )


def card(
    statement: Statement, status: str, records: list[Record], found: Mapping[str, str] | None = None
) -> str:
    """One statement: claim, faithfulness, hypotheses, proof sketch, evidence.

    `found`: the statuses of all that the run looked at, to tell where a proof's premise is weaker.
    """
    weaker = conditional(statement.id, found or {})
    worst = tightness_of(records)
    hypotheses = "".join(
        f"<li>{typeset(h.claim)}"
        + (
            f" <small>(without it false, e.g. at {html.escape(at(h.witness))})</small>"
            if h.witness
            else ""
        )
        + "</li>"
        for h in statement.where
        if not h.unneeded
    )
    hypotheses += "".join(
        f"<li>{typeset(h.claim)} <small>({html.escape(h.unneeded)})</small></li>"
        for h in statement.where
        if h.unneeded
    )
    domain = "".join(
        f"<li>{parameter(name)}: {typeset(d.text)}</li>" for name, d in statement.domain.items()
    )
    letters = "".join(
        f"<li>{typeset(text)}</li>" for name, text in facts(statement) if name == "notation"
    )
    bar = (
        ""
        if worst is None
        else (
            f"<p class='tight'><meter min='0' max='1' value='{min(worst, 1):.4f}' "
            f"aria-label='worst ratio of the two sides'></meter> worst ratio left / right "
            f"{worst:.4f}</p>"
        )
    )
    return (
        f"<details class='card' id='{html.escape(statement.id)}' data-status='{status}'>"
        f"<summary><h2><code>{html.escape(statement.id)}</code></h2> {badge(status)}"
        f"<span class='claim'>{typeset(statement.claim)}</span></summary>"
        f"<p>{html.escape(statement.paper)}; {statement.form}, {statement.relation}</p>"
        + sides(statement)
        + (f"<h3>Parameters</h3><ul>{domain}</ul>" if domain else "")
        + (f"<h3>Notation</h3><ul>{letters}</ul>" if letters else "")
        + (f"<h3>Hypotheses</h3><ul>{hypotheses}</ul>" if hypotheses else "")
        + f"<h3>Proof sketch</h3><p>{typeset(statement.proof)}</p>"
        + (f"<p>{html.escape(rests_on(statement))}</p>" if statement.depends else "")
        + (f"<p>Proved only as far as {html.escape(weaker)}</p>" if weaker else "")
        + bar
        + f"<div class='scroll' tabindex='0' role='group' aria-label='evidence of "
        f"{html.escape(statement.id)}'><table><thead><tr>{heads()}</tr></thead>"
        f"<tbody>{evidence_rows(records)}</tbody></table></div>{rerun_all(statement)}</details>"
    )


def page(book: Ledger) -> str:
    """The whole page."""
    found = statuses(book)
    cards = []
    for name, status in sorted(found.items(), key=lambda item: STRENGTH.index(item[1])):
        records = [r for _, r in sorted(book.outcomes.items()) if r["statement"] == name]
        cards.append(card(rooms.statements()[name], status, records, found))
    counts = " ".join(
        f"<li>{badge(status)} {number}</li>"
        for status in STRENGTH
        if (number := sum(s == status for s in found.values()))
    )
    weakest = min(found.values(), key=STRENGTH.index) if found else "-"
    plan = book.plan
    setting = f"profile {plan.profile}, seed {plan.seed}, {plan.dtype} on {plan.device}, "
    setting += f"implementation {plan.implementation}, sources {book.sources}"
    return (
        PAGE.replace("@COUNTS@", counts)
        .replace("@WEAKEST@", badge(weakest))
        .replace("@SETTING@", html.escape(setting))
        .replace("@VERSIONS@", html.escape(", ".join(f"{k} {v}" for k, v in versions().items())))
        .replace("@CARDS@", "".join(cards))
    )


def write(book: Ledger, path: Path) -> None:
    """Write the page atomically."""
    write_atomically(path, page(book))
