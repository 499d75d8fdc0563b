"""How figures are written: in the table on the terminal and in the document alike. Pure."""
import re

UNITS = {"us": "µs", "": ""}


def number(value, unit=""):
    """Three significant figures or so, with thousands."""
    size = abs(value)
    if size >= 1000:
        return f"{value:,.0f}" if size < 10_000 else f"{round(value, -2):,.0f}"
    if size >= 100:
        return f"{value:.0f}"
    if size >= 10:
        return f"{value:.1f}"
    return f"{value:.2f}"


def figure(one):
    """`p50 2.10 ms (2.00 to 2.31)`; without the brackets where there was one run."""
    unit = UNITS.get(one.unit, one.unit)
    text = " ".join(word for word in (one.name, number(one.spread.median, one.unit), unit) if word)
    if len(one.spread.values) == 1 or one.spread.least == one.spread.most:
        return text
    return f"{text} ({number(one.spread.least, one.unit)} to {number(one.spread.most, one.unit)})"


def figures(several):
    return "; ".join(map(figure, several))


def runs(count):
    return "one run" if count == 1 else f"medians of {count} runs (least to most)"


def aim(text):
    return re.sub(r"\bus\b", "µs", text)


def shortfall(outcome):
    """What was not reached: `ratio 0.62 of at least 0.70`."""
    told = []
    for check in outcome.checks:
        if not check.met:
            bound = f"at least {number(check.at_least)}" if check.at_least is not None else \
                f"at most {number(check.at_most)}"
            told.append(f"{check.name} {number(check.value)}, aim {bound}")
    return aim("; ".join(told))
