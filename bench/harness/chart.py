"""Two kinds of chart: horizontal bars (also of several parts) and lines. Pure: figures in, SVG out."""
from dataclasses import dataclass

from . import svg
from .words import number

BAR, GAP, TOP, RIGHT = 20, 12, 48, 90
LETTER = 7  # a letter's width, generously
MOST_LEFT = 400
PLOT_TOP, PLOT_HEIGHT, PLOT_LEFT = 56, 220, 66


@dataclass(frozen=True)
class Bar:
    label: str
    parts: tuple           # values, one a part of the bar
    least: float | None = None
    most: float | None = None
    kind: int = 0          # colour of a bar of one part


@dataclass(frozen=True)
class Line:
    label: str
    points: tuple          # (x, y)


def legend(names, y, x):
    parts = []
    for index, name in enumerate(names):
        parts += [svg.box(x, y - 10, 12, 12, f"s{index % svg.COLOURS}"), svg.text(x + 18, y, name, "small")]
        x += 34 + 7 * len(name)
    return parts


def bars(title, unit, several, *, names=(), aim=None):
    """`names` of the parts, where a bar has more than one; `aim`: (value, words)."""
    top = TOP + (22 if names else 0) + (16 if aim else 0)
    bottom = top + len(several) * (BAR + GAP)
    largest = max([max(sum(bar.parts), bar.most or 0) for bar in several] + ([aim[0]] if aim else []))
    marks = svg.ticks(largest)
    left = min(MOST_LEFT, 26 + LETTER * max(len(bar.label) for bar in several))
    scale = (svg.WIDTH - left - RIGHT) / marks[-1]
    parts = legend(names, TOP + 4, left)
    for mark in marks:
        x = left + mark * scale
        parts += [svg.line(x, top - 4, x, bottom, "grid"),
                  svg.text(x, bottom + 18, svg.tick_words(mark), "small", "middle")]
    for index, bar in enumerate(several):
        parts += one_bar(bar, left, top + index * (BAR + GAP) + GAP / 2, scale)
    parts.append(svg.line(left, top - 4, left, bottom, "axis"))
    if aim:
        x = left + aim[0] * scale
        parts += [svg.line(x, top - 4, x, bottom, "aim", dashed=True),
                  svg.text(x, top - 10, aim[1], "aimtext", "middle")]
    parts.append(svg.text((left + svg.WIDTH - RIGHT) / 2, bottom + 38, unit, "small", "middle"))
    return svg.document(title, bottom + 50, parts)


def one_bar(bar, left, y, scale):
    parts, x = [svg.text(left - 10, y + 15, bar.label, anchor="end")], left
    for index, value in enumerate(bar.parts):
        parts.append(svg.box(x, y, value * scale, BAR, f"s{(bar.kind + index) % svg.COLOURS}"))
        x += value * scale
    end = x
    if bar.least is not None and bar.most is not None and bar.most > bar.least:
        low, high, middle = left + bar.least * scale, left + bar.most * scale, y + BAR / 2
        parts += [svg.line(low, middle, high, middle, "span"), svg.line(low, middle - 4, low, middle + 4, "span"),
                  svg.line(high, middle - 4, high, middle + 4, "span")]
        end = max(end, high)
    parts.append(svg.text(end + 8, y + 15, number(sum(bar.parts))))
    return parts


def lines(title, x_words, y_words, several, *, aim=None, x_from=0.0, x_to=None):
    """`aim`: (value on the y axis, words)"""
    x_to = x_to if x_to is not None else max(x for one in several for x, _ in one.points)
    y_marks = svg.ticks(max([y for one in several for _, y in one.points] + ([aim[0]] if aim else [])))
    right, bottom = svg.WIDTH - 30, PLOT_TOP + PLOT_HEIGHT + 22
    top = bottom - PLOT_HEIGHT

    def place(x, y):
        return (PLOT_LEFT + (x - x_from) / (x_to - x_from or 1) * (right - PLOT_LEFT),
                bottom - y / y_marks[-1] * PLOT_HEIGHT)
    parts = legend([one.label for one in several], TOP + 4, PLOT_LEFT)
    for mark in y_marks:
        _, y = place(x_from, mark)
        parts += [svg.line(PLOT_LEFT, y, right, y, "grid"),
                  svg.text(PLOT_LEFT - 8, y + 4, svg.tick_words(mark), "small", "end")]
    for mark in svg.ticks(x_to - x_from):
        if mark <= (x_to - x_from) * 1.0001:
            x, _ = place(x_from + mark, 0)
            parts.append(svg.text(x, bottom + 18, svg.tick_words(x_from + mark), "small", "middle"))
    parts += [svg.line(PLOT_LEFT, bottom, right, bottom, "axis"), svg.line(PLOT_LEFT, top, PLOT_LEFT, bottom, "axis")]
    for index, one in enumerate(several):
        parts.append(svg.path([place(x, y) for x, y in one.points], f"s{index % svg.COLOURS}"))
    if aim:
        _, y = place(x_from, aim[0])
        parts += [svg.line(PLOT_LEFT, y, right, y, "aim", dashed=True),
                  svg.text(right, y - 6, aim[1], "aimtext", "end")]
    middle = (top + bottom) / 2
    turned = f'<g transform="rotate(-90 16 {svg.coordinate(middle)})">'
    parts += [svg.text((PLOT_LEFT + right) / 2, bottom + 38, x_words, "small", "middle"),
              turned + svg.text(16, middle + 4, y_words, "small", "middle") + "</g>"]
    return svg.document(title, bottom + 50, parts)
