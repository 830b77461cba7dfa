#!/usr/bin/env python3
"""Holds every route of a real cxb-api to its OpenAPI document, with data made from it.

  run.py --api CXB_API [--seed N] [--examples N] [--only TEXT]
  run.py --self-test

Each operation gets its own examples, then data that fits its schemas and data that does not, as
super admin, with an API key and with the core secret. An answer fails when it is a 5xx, or when its
status, type, body or code is not in the document. Ends with 1 if one did. Without schemathesis
(scripts/setup.sh) it says "SKIP: ..."; with CI=true or CXB_TEST_REQUIRE_ALL=1 that is a failure.
"""
import argparse
import os
import pathlib
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PYTHON = ROOT / ".deps" / "fuzz-python" / "bin" / "python3"


def missing():
    required = os.environ.get("CI") == "true" or os.environ.get("CXB_TEST_REQUIRE_ALL") == "1"
    print(f"{'everything has to run here, but' if required else 'SKIP:'} schemathesis is missing")
    return 1 if required else 0


def main():
    read = argparse.ArgumentParser(description=__doc__,
                                   formatter_class=argparse.RawDescriptionHelpFormatter)
    read.add_argument("--api", type=pathlib.Path)
    read.add_argument("--self-test", action="store_true", help="does it find faults?")
    read.add_argument("--seed", type=int, default=20260101)
    read.add_argument("--examples", type=int, default=8, help="of each kind, per operation")
    read.add_argument("--only", default="", help="part of `METHOD path`")
    asked = read.parse_args()
    if asked.api is None and not asked.self_test:
        read.error("--api or --self-test")
    try:
        import schemathesis  # noqa: F401
    except ImportError:
        if not PYTHON.exists() or pathlib.Path(sys.executable).resolve(strict=False) == PYTHON:
            return missing()
        if os.environ.get("CXB_FUZZ_PYTHON") == "1":
            return missing()
        os.environ["CXB_FUZZ_PYTHON"] = "1"
        os.execv(PYTHON, [str(PYTHON), *sys.argv])
    if asked.self_test:
        import fuzz_test
        return 0 if unittest.main(fuzz_test, argv=[__file__], exit=False).result.wasSuccessful() \
            else 1
    from fuzz import fuzz
    return fuzz(asked)


if __name__ == "__main__":
    sys.exit(main())
