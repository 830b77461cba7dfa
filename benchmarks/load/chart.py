"""The figures as one SVG: four panels drawn with the standard library alone. No script; it follows
the reader's light or dark colour scheme."""
import math
from xml.sax.saxutils import escape

import targets
from tables import TITLES

WIDTH, HEIGHT = 1060, 940
PANEL = (420, 300)  # plotting area
ORIGINS = ((110, 70), (620, 70), (110, 520), (620, 520))
SERIES = ("api", "beast", "nginx", "sqlite", "fastapi")
STYLE = """
svg { font-family: system-ui, sans-serif; font-size: 13px; }
.back { fill: #ffffff; } text { fill: #1f2328; } .title { font-size: 15px; font-weight: 600; }
.axis { stroke: #59636e; } .grid { stroke: #d1d9e0; } .band { fill: #1a7f37; opacity: 0.12; }
line, polyline { fill: none; stroke-width: 2; } .grid, .axis { stroke-width: 1; }
.s0 { stroke: #0969da; } .s1 { stroke: #bc4c00; } .s2 { stroke: #1a7f37; }
.s3 { stroke: #8250df; } .s4 { stroke: #9a6700; } .s5 { stroke: #59636e; }
.d0 { fill: #0969da; } .d1 { fill: #bc4c00; } .d2 { fill: #1a7f37; }
.d3 { fill: #8250df; } .d4 { fill: #9a6700; } .d5 { fill: #59636e; }
.dash { stroke-dasharray: 6 4; } .dots { stroke-dasharray: 2 4; }
@media (prefers-color-scheme: dark) {
.back { fill: #0d1117; } text { fill: #e6edf3; }
.axis { stroke: #9198a1; } .grid { stroke: #30363d; }
.s0 { stroke: #58a6ff; } .s1 { stroke: #f0883e; } .s2 { stroke: #3fb950; }
.s3 { stroke: #bc8cff; } .s4 { stroke: #d29922; } .s5 { stroke: #9198a1; }
.d0 { fill: #58a6ff; } .d1 { fill: #f0883e; } .d2 { fill: #3fb950; }
.d3 { fill: #bc8cff; } .d4 { fill: #d29922; } .d5 { fill: #9198a1; }
.band { fill: #3fb950; } }
"""


def short(value):
    for unit, factor in (("M", 1e6), ("k", 1e3)):
        if value >= factor:
            return f"{value / factor:g}{unit}"
    return f"{value:g}"


class Scale:
    """From values to pixels, linear or by powers of ten."""

    def __init__(self, low, high, pixels, log):
        self.log = log
        if log:
            self.low = 10 ** math.floor(math.log10(low) + 1e-9)
            self.high = 10 ** math.ceil(math.log10(high) - 1e-9)
            if self.high == self.low:
                self.high *= 10
        else:
            self.low, self.high = low, high
        self.pixels = pixels

    def at(self, value):
        if not self.log:
            return (value - self.low) / (self.high - self.low) * self.pixels
        whole = math.log10(self.high / self.low)
        return math.log10(value / self.low) / whole * self.pixels

    def ticks(self):
        if not self.log:
            return [self.low + (self.high - self.low) * part / 5 for part in range(6)]
        steps = round(math.log10(self.high / self.low))
        return [self.low * 10 ** step for step in range(steps + 1)]


class Panel:
    def __init__(self, index, title, x_label, y_label):
        self.left, self.top = ORIGINS[index]
        self.parts = []
        self.text(self.left, self.top - 30, title, "start", "title")
        self.text(self.left + PANEL[0] / 2, self.top + PANEL[1] + 42, x_label)
        middle = self.top + PANEL[1] / 2
        self.parts.append(f'<text transform="translate({self.left - 52} {middle}) rotate(-90)" '
                          f'text-anchor="middle">{escape(y_label)}</text>')
        self.labels = 0

    def text(self, x, y, text, anchor="middle", kind=""):
        self.parts.append(f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" class="{kind}">'
                          f'{escape(text)}</text>')

    def line(self, x1, y1, x2, y2, kind):
        self.parts.append(f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" '
                          f'class="{kind}"/>')

    def y(self, pixels):
        return self.top + PANEL[1] - pixels

    def axes(self, xs, ys, x_ticks=None):
        self.xs, self.ys = xs, ys
        for value in ys.ticks():
            at = self.y(ys.at(value))
            self.line(self.left, at, self.left + PANEL[0], at, "grid")
            self.text(self.left - 6, at + 4, short(round(value, 6)), "end")
        for value in x_ticks if x_ticks is not None else xs.ticks():
            at = self.left + xs.at(value)
            self.line(at, self.top + PANEL[1], at, self.top + PANEL[1] + 5, "axis")
            self.text(at, self.top + PANEL[1] + 19, short(value))
        self.line(self.left, self.top + PANEL[1], self.left + PANEL[0], self.top + PANEL[1], "axis")
        self.line(self.left, self.top, self.left, self.top + PANEL[1], "axis")

    def dot(self, x, y, colour):
        self.parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4.5" class="d{colour}"/>')

    def curve(self, points, colour, kind=""):
        there = [(self.left + self.xs.at(x), self.y(self.ys.at(y))) for x, y in points]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in there)
        self.parts.append(f'<polyline points="{path}" class="s{colour} {kind}"/>')
        for x, y in there:
            self.dot(x, y, colour)

    def legend(self, text, colour, kind=""):
        """In a line below the axis label, two columns at most wide."""
        x = self.left + (self.labels % 3) * 150 - 10
        y = self.top + PANEL[1] + 64 + (self.labels // 3) * 18
        self.line(x, y - 4, x + 24, y - 4, f"s{colour} {kind}")
        self.text(x + 30, y, text, "start")
        self.labels += 1


def rates(document):
    """The highest rate of everybody in each scenario."""
    shown = []
    for section in ("config", "results", "dialout", "growth"):
        names = dict.fromkeys(row["scenario"] for row in
                              document["sections"].get(section, {}).get("rows", ()))
        for name in names:
            rows = targets.rows_of(document, section, name)
            found = {peer: targets.best(rows, peer) for peer in SERIES}
            shown.append((name, {peer: row["peers"][peer]["turns_per_second"]
                                 for peer, row in found.items() if row}))
    if not shown:
        return []
    panel = Panel(0, "Highest rate of each server", "turns per second (log scale)", "")
    values = [value for _, found in shown for value in found.values()]
    scale = Scale(min(values), max(values), PANEL[0], True)
    for value in scale.ticks():
        at = panel.left + scale.at(value)
        panel.line(at, panel.top, at, panel.top + PANEL[1], "grid")
        panel.text(at, panel.top + PANEL[1] + 19, short(value))
    for index, (name, found) in enumerate(shown):
        at = panel.top + PANEL[1] * (index + 0.5) / len(shown)
        panel.line(panel.left, at, panel.left + PANEL[0], at, "grid")
        panel.text(panel.left - 6, at + 4, name, "end")
        for peer, value in found.items():
            panel.dot(panel.left + scale.at(value), at, SERIES.index(peer))
    for index, peer in enumerate(SERIES):
        panel.legend(TITLES[peer], index)
    return panel.parts


def over_connections(document, index, title, y_label, kinds):
    """kinds: (name, line style, function from what was measured to a number)."""
    lines = []
    for colour, (section, name) in enumerate((("config", "config"), ("results", "result_10k"),
                                              ("growth", "lists"))):
        rows = [row for row in targets.rows_of(document, section, name)]
        for label, style, value in kinds:
            points = [(row["connections"], value(row["peers"]["api"])) for row in rows]
            if points:
                lines.append((f"{name} {label}".strip(), colour, style, points))
    if not lines:
        return []
    panel = Panel(index, title, "connections (log scale)", y_label)
    xs = [x for *_, points in lines for x, _ in points]
    ys = [y for *_, points in lines for _, y in points]
    panel.axes(Scale(1, max(max(xs), 10), PANEL[0], True), Scale(min(ys), max(ys), PANEL[1], True),
               sorted(set(xs)))
    for label, colour, style, points in lines:
        panel.curve(points, colour, style)
        panel.legend(label, colour, style)
    return panel.parts


def growth(document):
    """Relative to the smallest store, with the band that counts as flat."""
    curves = {name: points for name, points in targets.curves(document).items() if len(points) > 1}
    if not curves:
        return []
    panel = Panel(3, "What a turn costs as the store grows", "calls stored (log scale)",
                  "ratio to the smallest store")
    sizes = sorted({point[0] for points in curves.values() for point in points})
    ratios = [point[at] / points[0][at] for points in curves.values() for point in points
              for at in (1, 2)]
    top = max(2.0, math.ceil(max(ratios)))
    panel.axes(Scale(sizes[0], sizes[-1], PANEL[0], True), Scale(0, top, PANEL[1], False))
    low, high = panel.ys.at(1 / targets.FLAT), panel.ys.at(targets.FLAT)
    panel.parts.append(f'<rect x="{panel.left}" y="{panel.y(high):.1f}" width="{PANEL[0]}" '
                       f'height="{high - low:.1f}" class="band"/>')
    for colour, (name, points) in enumerate(curves.items()):
        for label, style, at in (("CPU", "", 1), ("p50", "dash", 2)):
            panel.curve([(point[0], point[at] / points[0][at]) for point in points], colour, style)
            panel.legend(f"{name} {label}", colour, style)
    return panel.parts


def draw(document):
    def percentile(key):
        return lambda found: sum(step[key] for step in found["steps"]) / 1e3
    parts = [*rates(document),
             *over_connections(document, 1, "cxb-api: rate", "turns per second (log scale)",
                               (("", "", lambda found: found["turns_per_second"]),)),
             *over_connections(document, 2, "cxb-api: latency of a turn", "ms (log scale)",
                               (("p50", "", percentile("p50_us")),
                                ("p99", "dash", percentile("p99_us")),
                                ("p99.9", "dots", percentile("p999_us")))),
             *growth(document)]
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
            f'width="{WIDTH}" height="{HEIGHT}" role="img">\n<title>CX Bridge under load</title>\n'
            f"<style>{STYLE}</style>\n"
            f'<rect class="back" width="{WIDTH}" height="{HEIGHT}"/>\n'
            + "\n".join(parts) + "\n</svg>\n")
