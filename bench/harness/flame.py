"""A flame graph of one program: where its CPU time went, from `perf script` to SVG. Pure.

Width is CPU time, a frame stands on what called it. The kernel is one frame, whatever is beneath a system call; so are
the frames of Asio and of the standard library that follow each other. Frames below a share of the time are left out.
"""
import re
from xml.sax.saxutils import escape

from .svg import WIDTH, box, document, text

ROW = 17
LEFT, TOP = 16, 66
LEAST = 0.004  # of the time
LETTER = 6.6   # pixels, about
KINDS = (("sqs2pg", 0), ("kernel", 1), ("OpenSSL, simdjson, libpq", 2), ("memory", 3), ("Asio and standard library", 4))
MEMORY = re.compile(r"^(operator (new|delete)|tc_|tcmalloc|malloc|free$|cfree|realloc|calloc|_int_)")


def plain(name):
    """`ns::f<A, B>(int)::operator()` without what stands in brackets, and without the names of anonymous scopes."""
    name = re.sub(r"\[[^\]]*\]|\+0x[0-9a-f]+$|\.(resume|destroy|cold|actor)\b", "", name)
    name = name.replace("(anonymous namespace)::", "").replace("operator()", "operator_call")
    depth, kept = 0, []
    for index, letter in enumerate(name):
        if letter in "<(" and not name[:index].endswith("operator"):
            depth += 1
        elif letter in ">)" and depth:
            depth -= 1
        elif not depth:
            kept.append(letter)
    return "".join(kept).replace("operator_call", "operator()").split(" const")[0].strip() or "?"


def kind_of(name):
    if name == "kernel":
        return 1
    if MEMORY.match(name):
        return 3
    if name.startswith("sqs2pg::"):
        return 0
    return 4 if name in ("asio", "std") or name.startswith("__") else 2


def frame_of(address, symbol):
    if address.startswith("ffff"):
        return "kernel"
    name = plain(symbol)
    if MEMORY.match(name):
        return name
    if "boost::asio::" in name or name.startswith("_ZN5boost4asio"):
        return "asio"
    return "std" if name.startswith(("std::", "void std::", "boost::", "fmt::")) else name


def stacks(lines):
    """Of `perf script -F ip,sym`: each sample's frames, outermost first."""
    frames = []
    for line in [*lines, ""]:
        words = line.split(maxsplit=1)
        if len(words) == 2 and re.fullmatch(r"[0-9a-f]+", words[0]):
            frames.append(frame_of(words[0].rjust(16, "0"), words[1]))
        elif not line.strip() and frames:
            stack = []
            for frame in reversed(frames):
                if not stack or stack[-1] != frame:
                    stack.append(frame)
            yield stack
            frames = []


def tree(all_stacks, root):
    """Nested {name: [samples, children]}. Of each stack what stands on `root`; others have no place in it."""
    total, top = 0, {}
    for stack in all_stacks:
        if root not in stack:
            continue
        total, level = total + 1, top
        for name in stack[stack.index(root) + 1:]:
            node = level.setdefault(name, [0, {}])
            node[0] += 1
            level = node[1]
    return total, top


def flame(title, all_stacks, root):
    total, top = tree(all_stacks, root)
    if not total:
        raise ValueError(f"no sample stands on {root}")
    scale, boxes, deepest = (WIDTH - 2 * LEFT) / total, [], 0

    def draw(level, x, depth):
        nonlocal deepest
        for name, (samples, beneath) in sorted(level.items(), key=lambda item: -item[1][0]):
            if samples < LEAST * total:
                continue
            deepest = max(deepest, depth)
            boxes.append((x, depth, samples * scale, name, samples))
            draw(beneath, x, depth + 1)
            x += samples * scale

    draw(top, LEFT, 1)
    parts, x = [], LEFT
    for name, kind in KINDS:
        parts += [box(x, 38, 12, 12, f"s{kind}"), text(x + 17, 49, name, "small")]
        x += 30 + LETTER * len(name) + 10
    bottom = TOP + deepest * ROW
    parts += [box(LEFT, bottom, WIDTH - 2 * LEFT, ROW - 1, "s0"),
              text(LEFT + 3, bottom + 12, f"{root}, {total:,} samples", "small")]
    for x, depth, width, name, samples in boxes:
        y = bottom - depth * ROW
        short = "::".join(name.split("::")[-2:])
        room = int((width - 4) / LETTER)
        shown = short if len(short) <= room else short[:room - 1] + "…" if room > 4 else ""
        drawn = box(x, y, width - 0.5, ROW - 1, f"s{kind_of(name)}")
        if shown:
            drawn += text(x + 3, y + 12, shown, "small")
        parts.append(f"<g><title>{escape(name)}: {100 * samples / total:.1f} %</title>{drawn}</g>")
    return document(title, bottom + ROW + 12, parts)
