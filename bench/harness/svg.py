"""The frame of a chart: an SVG document with a title, styles for light and dark, text and lines. Pure."""
import math
from xml.sax.saxutils import escape, quoteattr

WIDTH = 760
COLOURS = 5  # classes s0 to s4

STYLE = """
  .back { fill: #ffffff; }
  text { fill: #1f2328; font: 13px system-ui, "Segoe UI", Helvetica, Arial, sans-serif;
         paint-order: stroke; stroke: #ffffff; stroke-width: 3px; }
  .title { font-size: 15px; font-weight: 600; } .small { font-size: 12px; fill: #59636e; }
  .grid { stroke: #d8dee4; } .axis { stroke: #818b98; } .span { stroke: #1f2328; } .aim { stroke: #cf222e; }
  .aimtext { font-size: 12px; fill: #cf222e; } .line { fill: none; stroke-width: 2; }
  .s0 { fill: #0969da; stroke: #0969da; } .s1 { fill: #bc4c00; stroke: #bc4c00; }
  .s2 { fill: #1a7f37; stroke: #1a7f37; }
  .s3 { fill: #8250df; stroke: #8250df; } .s4 { fill: #818b98; stroke: #818b98; }
  .line { fill: none; }
  @media (prefers-color-scheme: dark) {
    .back { fill: #0d1117; } text { fill: #e6edf3; stroke: #0d1117; } .small { fill: #9198a1; }
    .grid { stroke: #2a313c; }
    .axis { stroke: #656c76; } .span { stroke: #e6edf3; } .aim { stroke: #ff7b72; } .aimtext { fill: #ff7b72; }
    .s0 { fill: #58a6ff; stroke: #58a6ff; } .s1 { fill: #f0883e; stroke: #f0883e; }
    .s2 { fill: #3fb950; stroke: #3fb950; } .s3 { fill: #bc8cff; stroke: #bc8cff; }
    .s4 { fill: #9198a1; stroke: #9198a1; } .line { fill: none; }
  }"""


def coordinate(value):
    return f"{value:.1f}".rstrip("0").rstrip(".")


def text(x, y, words, kind="", anchor="start"):
    named = f' class="{kind}"' if kind else ""
    return f'<text x="{coordinate(x)}" y="{coordinate(y)}" text-anchor="{anchor}"{named}>{escape(words)}</text>'


def line(x1, y1, x2, y2, kind, dashed=False):
    dashes = ' stroke-dasharray="5 4"' if dashed else ""
    return (f'<line x1="{coordinate(x1)}" y1="{coordinate(y1)}" x2="{coordinate(x2)}" y2="{coordinate(y2)}" '
            f'class="{kind}"{dashes}/>')


def box(x, y, width, height, kind):
    return (f'<rect x="{coordinate(x)}" y="{coordinate(y)}" width="{coordinate(max(0, width))}" '
            f'height="{coordinate(height)}" class="{kind}" stroke="none"/>')


def path(points, kind):
    steps = " ".join(f"{coordinate(x)},{coordinate(y)}" for x, y in points)
    return f'<polyline points="{steps}" class="{kind} line"/>'


def document(title, height, parts):
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {coordinate(height)}" width="{WIDTH}" '
        f'height="{coordinate(height)}" role="img" aria-label={quoteattr(title)}>',
        f"<title>{escape(title)}</title>", f"<style>{STYLE}\n</style>",
        f'<rect width="{WIDTH}" height="{coordinate(height)}" rx="6" class="back"/>',
        text(16, 26, title, "title"), *parts, "</svg>", ""])


def ticks(most, wanted=5):
    """Round values from 0 to beyond `most`."""
    if most <= 0:
        return [0, 1]
    rough = most / wanted
    size = 10 ** math.floor(math.log10(rough))
    step = next(size * factor for factor in (1, 2, 2.5, 5, 10) if size * factor >= rough * 0.999)
    count = math.ceil(most / step - 1e-9)
    return [step * number for number in range(count + 1)]


def tick_words(value):
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:g}"
