#!/usr/bin/env python3
"""Sums the JUnit reports of one `./dev test` and ends with the line that CI reads: `N passed, N failed[, N skipped]`.

GoogleTest programs and pytest each write their own report into one folder. A program that died wrote none: it counts as
one failure, told by ctest's own report. With CI set, a skipped test is a failure.
"""
import argparse
import os
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path


class Sums:
    def __init__(self):
        self.passed = 0
        self.failed = []
        self.skipped = []

    def add(self, name, case):
        if any(case.find(tag) is not None for tag in ("failure", "error")):
            self.failed.append(name)
        elif case.find("skipped") is not None or case.get("result") == "skipped" or case.get("status") == "disabled":
            self.skipped.append(name)
        elif case.get("status") == "notrun":
            self.skipped.append(name)
        else:
            self.passed += 1


def cases_of(path):
    for case in ElementTree.parse(path).getroot().iter("testcase"):
        yield f"{case.get('classname')}.{case.get('name')}", case


def sum_reports(folder):
    sums = Sums()
    for report in sorted(folder.glob("*.xml")):
        if report.name == "ctest.xml":
            continue
        for name, case in cases_of(report):
            sums.add(name, case)
    ctest = folder / "ctest.xml"
    if ctest.exists():
        for case in ElementTree.parse(ctest).getroot().iter("testcase"):
            program = case.get("name")
            died = case.get("status") != "run" or case.find("failure") is not None
            report = folder / f"{program}.xml"
            told = report.exists() and any(c.find("failure") is not None for _, c in cases_of(report))
            if died and not told:
                sums.failed.append(f"{program} (the program ended abnormally: build/logs/unit.log)")
    return sums


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--ctest-exit", type=int, default=0)
    parser.add_argument("--pytest-exit", type=int, default=0)
    arguments = parser.parse_args()

    sums = sum_reports(arguments.folder)
    for suite, code in (("ctest", arguments.ctest_exit), ("pytest", arguments.pytest_exit)):
        if code != 0 and not sums.failed:
            sums.failed.append(f"{suite} ended with {code}")
    if os.environ.get("CI") and sums.skipped:
        sums.failed += [f"{name} (skipped, which is a failure in CI)" for name in sums.skipped]
        sums.skipped = []
    if sums.passed == 0 and not sums.failed:
        sums.failed.append("no test ran")
    for name in sums.failed:
        print(f"FAILED {name}")
    line = f"{sums.passed} passed, {len(sums.failed)} failed"
    if sums.skipped:
        line += f", {len(sums.skipped)} skipped"
    print(line)
    return 1 if sums.failed else 0


if __name__ == "__main__":
    sys.exit(main())
