#!/usr/bin/env python3
"""Puts the marks of cxb/base/export.hpp around the namespace of headers that lack them.

  scripts/mark_exports.py [--check] [HEADER...]     without headers: all below include/cxb

--check  change nothing; name the headers without marks and exit 1 when there are any
"""

import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
OPEN = "namespace cxb::inline v1 {"
CLOSE = "}  // namespace cxb::inline v1"


def marked(text):
    """The text with its marks; None when it has no namespace or has them already."""
    lines = text.split("\n")
    if OPEN not in lines or "CXB_EXPORT_BEGIN" in lines:
        return None
    end = len(lines) - 1 - lines[::-1].index(CLOSE)
    lines.insert(end + 1, "CXB_EXPORT_END")
    lines.insert(lines.index(OPEN), "CXB_EXPORT_BEGIN")
    return "\n".join(lines)


def main():
    check = "--check" in sys.argv[1:]
    named = [pathlib.Path(name) for name in sys.argv[1:] if name != "--check"]
    found = 0
    for header in named or sorted((ROOT / "include" / "cxb").rglob("*.hpp")):
        text = marked(header.read_text(encoding="utf-8"))
        if text is None:
            continue
        found += 1
        print(f"{header}: " + ("no CXB_EXPORT_BEGIN, run scripts/mark_exports.py" if check
                               else "marked"))
        if not check:
            header.write_text(text, encoding="utf-8")
    return 1 if check and found else 0


if __name__ == "__main__":
    sys.exit(main())
