"""The whole table: for the terminal and as Markdown. Pure: rows and outcomes in, text out."""
import textwrap

from . import words

HEADS = ("what", "aim", "figure", "held against", "ratio", "")
WIDTHS = (30, 22, 27, 30, 20, 6)


def cells(row, outcome):
    if outcome.failed:
        return [row.what, words.aim(row.aim), f"failed: {outcome.failed}", row.against, "", outcome.status]
    against = words.aim(row.against)
    if outcome.against:
        against += ": " + words.figures(outcome.against)
    return [row.what, words.aim(row.aim), words.figures(outcome.figures), against, words.figures(outcome.ratios),
            outcome.status]


def as_text(measured):
    """`measured`: (row, outcome) in order. Columns are wrapped; a line of conditions below each row."""
    lines = [line_of(HEADS), "-" * (sum(WIDTHS) + 2 * len(WIDTHS) - 2)]
    for row, outcome in measured:
        wrapped = [textwrap.wrap(text, width) or [""] for text, width in zip(cells(row, outcome), WIDTHS)]
        for number in range(max(map(len, wrapped))):
            lines.append(line_of([column[number] if number < len(column) else "" for column in wrapped]))
        for text in (outcome.note, words.shortfall(outcome)):
            if text:
                lines += textwrap.wrap(words.aim(text), sum(WIDTHS), initial_indent="    ", subsequent_indent="    ")
        lines.append("")
    return "\n".join(lines)


def line_of(texts):
    return "  ".join(text.ljust(width) for text, width in zip(texts, WIDTHS)).rstrip()


def escaped(text):
    return text.replace("|", "\\|").replace("\n", " ")


def as_markdown(measured):
    """A row each, with its conditions in a second table of their own."""
    lines = ["| what | aim | figure | held against | ratio | |", "|---|---|---|---|---|---|"]
    for row, outcome in measured:
        lines.append("| " + " | ".join(map(escaped, cells(row, outcome))) + " |")
    return "\n".join(lines)
