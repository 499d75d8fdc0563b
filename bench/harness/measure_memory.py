"""Resident memory of one worker at full rate, and whether it stays. Row `memory`."""
from .drain import fill_and_drain
from .outcome import Check, Figure, Outcome
from .spread import spread

WARM_SHARE = 0.25
MOST_GROWTH = 10  # percent: what batches of another size explain


def growth(samples):
    """Largest of the last quarter of the time less the largest of the second, as a share of that: what a leak or a
    cache that fills would add."""
    count = len(samples)
    early = [mib for _, mib in samples[int(count * WARM_SHARE):count // 2]]
    late = [mib for _, mib in samples[-max(1, count // 4):]]
    return 100 * (max(late) / max(early) - 1) if early else 0.0


def memory(lab):
    messages = lab.options.messages * (2 if lab.options.quick else 3)
    peaks, growths, curve = [], [], []
    for number in range(lab.options.runs):
        drained = fill_and_drain(lab, messages, number + 1, workers=1)
        peaks.append(drained.peak_rss_mib)
        growths.append(growth(drained.rss))
        curve = drained.rss
        lab.say(f"peak {peaks[-1]:.1f} MiB, growth {growths[-1]:+.1f} %, {drained.rate:,.0f} messages/s")
    peak, grown = spread(peaks), spread(growths)
    every = max(1, len(curve) // 100)
    return Outcome([Figure("peak", "MiB", peak), Figure("growth", "%", grown)], [], [],
                   [Check("peak MiB", peak.median, at_most=48), Check("growth %", grown.median, at_most=MOST_GROWTH)],
                   f"{messages:,} messages, 1 worker; growth: the last quarter of the time beside the second",
                   {"curve": curve[::every]})
