"""The audit's plots as inline SVG: exact draws in one colour, the sampler's in another."""

import html
from typing import Any

WIDE, HIGH = 300, 120

KEY = (
    "<p class='soft'><svg class='key' viewBox='0 0 48 12' aria-hidden='true'><rect class='exact' "
    "x='1' y='1' width='24' height='10'/><circle class='ring' r='3' cx='38' cy='6'/></svg> exact "
    "posterior <svg class='key' viewBox='0 0 48 12' aria-hidden='true'><path class='line' "
    "d='M1 9H12V3H25'/><circle class='dot' r='3' cx='38' cy='6'/></svg> the sampler</p>"
)


def figure(title: str, said: str, body: str, height: int = HIGH) -> str:
    """An SVG with a text for those who do not see it, and a caption."""
    return (
        f"<figure><svg viewBox='0 0 {WIDE} {height}' role='img' aria-label='"
        f"{html.escape(said, quote=True)}'>{body}</svg>"
        f"<figcaption>{html.escape(title)}</figcaption></figure>"
    )


def histogram(data: dict[str, Any]) -> str:
    """A 1-d marginal: exact as an area, the sampler as a line."""
    top = max(*data["exact"], *data["sampler"], 1e-12)
    count = len(data["exact"])

    def steps(heights: list[float]) -> str:
        points = []
        for k, height in enumerate(heights):
            y = HIGH - 16 - 100 * height / top
            points += [f"{WIDE * k / count:.1f},{y:.1f}", f"{WIDE * (k + 1) / count:.1f},{y:.1f}"]
        return " ".join(points)

    floor = HIGH - 16
    body = (
        f"<polygon class='exact' points='0,{floor} {steps(data['exact'])} {WIDE},{floor}'/>"
        f"<polyline class='line' points='{steps(data['sampler'])}'/>"
        f"<text x='0' y='{HIGH - 2}'>{data['low']:.3g}</text>"
        f"<text x='{WIDE}' y='{HIGH - 2}' text-anchor='end'>{data['high']:.3g}</text>"
    )
    overlap = sum(min(pair) for pair in zip(data["exact"], data["sampler"], strict=True))
    return figure(data["name"], f"{data['name']}: {overlap:.0%} of both histograms overlap", body)


def bars(data: dict[str, Any]) -> str:
    """How often each label is visited, exact above the sampler's."""
    rows, said, full = [], [], WIDE - 2
    for k, label in enumerate(data["labels"]):
        exact, sampler = data["exact"][k], data["sampler"][k]
        y = 26 * k
        rows.append(
            f"<text x='0' y='{y + 9}'>{html.escape(label)}: {exact:.3f}, sampler {sampler:.3f}"
            f"</text><rect class='exact' x='0' y='{y + 12}' width='{full * exact:.1f}' height='5'/>"
            f"<rect class='dot' x='0' y='{y + 18}' width='{full * sampler:.1f}' height='5'/>"
        )
        said.append(f"{label}: exact {exact:.3f}, sampler {sampler:.3f}")
    return figure(data["name"], "; ".join(said), "".join(rows), 26 * len(rows))


def scatter(data: dict[str, Any]) -> str:
    """A 2-d marginal: exact draws as rings, the sampler's as dots."""
    both = [*data["exact"], *data["sampler"]]
    lows = [min(p[i] for p in both) for i in (0, 1)]
    sizes = [max(p[i] for p in both) - lows[i] or 1.0 for i in (0, 1)]

    def marks(points: list[list[float]], kind: str) -> str:
        return "".join(
            f"<circle class='{kind}' r='2' cx='{4 + (WIDE - 8) * (p[0] - lows[0]) / sizes[0]:.1f}' "
            f"cy='{196 - 192 * (p[1] - lows[1]) / sizes[1]:.1f}'/>"
            for p in points
        )

    title = f"{data['names'][0]} (across) and {data['names'][1]} (up)"
    body = marks(data["exact"], "ring") + marks(data["sampler"], "dot")
    return figure(title, f"{title}: exact draws as rings, the sampler's as dots", body, 200)


def images(data: dict[str, Any]) -> str:
    """Rows of grey images."""
    h, w = data["height"], data["width"]
    size = 5
    rows = []
    for r, row in enumerate(data["rows"]):
        top = r * (h * size + 18)
        rows.append(f"<text x='0' y='{top + 11}'>{html.escape(row['name'])}</text>")
        for k, pixels in enumerate(row["pixels"]):
            for i, value in enumerate(pixels):
                grey = round(255 * min(1.0, max(0.0, (value + 1) / 2)))
                x, y = k * (w * size + 6) + size * (i % w), top + 15 + size * (i // w)
                rows.append(
                    f"<rect x='{x}' y='{y}' width='{size}' height='{size}' "
                    f"fill='rgb({grey},{grey},{grey})'/>"
                )
    names = ", ".join(row["name"] for row in data["rows"])
    return figure(
        "images", f"images in rows: {names}", "".join(rows), len(data["rows"]) * (h * size + 18)
    )


def plots(data: dict[str, Any]) -> str:
    """All plots of one problem; nothing where there are none."""
    if not data:
        return ""
    if "count" in data:
        from hardposterior.audit_count_plot import count, gaps

        return f"<div class='plots'>{count(data['count'])}{gaps(data['count'])}</div>"
    found = [images(data["images"])] if "images" in data else []
    found += [bars(item) for item in data["bars"]]
    found += [histogram(item) for item in data["histograms"]]
    if "scatter" in data:
        found.append(scatter(data["scatter"]))
    return KEY + "<div class='plots'>" + "".join(found) + "</div>"
