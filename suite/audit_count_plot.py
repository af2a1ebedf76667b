"""Plots of a claim: how many y are bad, and by how much, beside what a share delta allows."""

from typing import Any

from hardposterior.audit_plots import HIGH, WIDE, figure

FLOOR = HIGH - 16


def count(data: dict[str, Any]) -> str:
    """The binomial law of the allowed count as bars, the count found as a line."""
    masses, bad, least = data["masses"], data["bad"], data["least"]
    step, top = WIDE / len(masses), max(masses)
    rows = [
        f"<rect class='exact' x='{k * step:.1f}' y='{FLOOR - 90 * mass / top:.1f}' "
        f"width='{step:.1f}' height='{90 * mass / top:.1f}'/>"
        for k, mass in enumerate(masses)
    ]
    at, end = (step * (k + 0.5) for k in (bad, least))
    rows.append(f"<path class='line' d='M{at:.1f} {FLOOR}V4'/>")
    if least < len(masses):
        rows.append(f"<path class='line' stroke-dasharray='2 4' d='M{end:.1f} {FLOOR}V40'/>")
        rows.append(f"<text x='{end:.1f}' y='36' text-anchor='middle'>refuted from {least}</text>")
    side = "start" if at < WIDE / 2 else "end"
    rows.append(f"<text x='{at:.1f}' y='{HIGH - 2}' text-anchor='{side}'>found {bad}</text>")
    title = f"bad y of {data['tried']}, and the counts that the claim allows"
    said = (
        f"{bad} of {data['tried']} y have a certificate; the claim allows Binomial"
        f"({data['tried']}, {data['chance']:.4g}) and is refuted from {least} on"
    )
    return figure(title, said, "".join(rows))


def gaps(data: dict[str, Any]) -> str:
    """Every y in the order in which it was asked: as high as its certificate's gap."""
    found, step = data["gaps"], WIDE / len(data["gaps"])
    rows = [
        f"<rect class='dot' x='{k * step:.1f}' y='{FLOOR - 100 * gap:.1f}' "
        f"width='{max(0.7, 0.8 * step):.1f}' height='{100 * gap:.1f}'/>"
        for k, gap in enumerate(found)
        if gap > 0
    ]
    forgiven = FLOOR - 100 * data["delta"]
    rows.append(f"<path class='ring' d='M0 {FLOOR}H{WIDE}M0 {forgiven:.1f}H{WIDE}'/>")
    rows.append(f"<text x='0' y='{HIGH - 4}'>y number 1</text>")
    rows.append(f"<text x='{WIDE}' y='{HIGH - 4}' text-anchor='end'>{len(found)}</text>")
    widest = max(found)
    said = f"at {data['bad']} of {data['tried']} y a certificate, the widest gap {widest:.3f}"
    title = f"certified gap at each y; the line: {data['delta']:g}, which is forgiven"
    return figure(title, said, "".join(rows))
