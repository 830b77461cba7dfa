#!/usr/bin/env python3
"""Runs the tests of a Core written by somebody else, in whatever language.

  run.py [--only MODULE] [--api CXB_API] [-k PATTERN] -- COMMAND...

COMMAND starts one worker that takes its settings from the environment and prints one line
{"listening": url}. With --api it is run against that real control plane instead of a fake one.
"""
import argparse
import sys
import time
import unittest

import core_client

MODULES = ["routes_test", "media_test", "endings_test", "outbox_test"]


class Timed(unittest.TextTestResult):
    """Says how long each test took, and what the Core had to say of a failed one."""

    def startTest(self, test):
        self.begun = time.monotonic()
        super().startTest(test)

    def addSuccess(self, test):
        unittest.TestResult.addSuccess(self, test)
        self.stream.writeln(f"ok, {time.monotonic() - self.begun:.1f} s")

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.stream.writeln(test.core.log())

    def addError(self, test, err):
        super().addError(test, err)
        self.stream.writeln(getattr(test, "core", None) and test.core.log() or "")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=MODULES)
    parser.add_argument("--api", default="")
    parser.add_argument("-k", action="append", dest="patterns")
    parser.add_argument("command", nargs="+")
    given = parser.parse_args()
    core_client.Core.command = given.command
    core_client.Core.api = given.api
    loader = unittest.defaultTestLoader
    loader.testNamePatterns = [f"*{p}*" for p in given.patterns] if given.patterns else None
    names = ["real_api_test"] if given.api else [given.only] if given.only else MODULES
    runner = unittest.TextTestRunner(verbosity=2, resultclass=Timed)
    outcome = runner.run(loader.loadTestsFromNames(names))
    sys.exit(0 if outcome.wasSuccessful() and outcome.testsRun else 1)


if __name__ == "__main__":
    main()
