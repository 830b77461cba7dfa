#!/usr/bin/env python3
"""Writes docs/acceptance.md: which acceptance cases of the spec have a test.

A test covers case 27 of chapter 20 by carrying the id 20-27 in its text (name or comment).

  scripts/coverage_page.py           write the page
  scripts/coverage_page.py --check   exit 1 when the committed page is not up to date
"""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "acceptance.md"
# Neither part of a date (2026-10-21) nor of an identifier (7c00-7000-8000).
ID = re.compile(r"(?<![\w.-])(10|20|21|80)-(\d{1,3})(?![\w-])(?!\.\d)")
SOURCE_ENDINGS = {".cpp", ".hpp", ".py", ".sh", ".js", ".mjs", ".cmake", ".txt"}
TITLE_LENGTH = 110


def chapters():
    """{chapter: (title, {case: text})} from the Acceptance lists of docs/spec."""
    found = {}
    for path in sorted((ROOT / "docs" / "spec").glob("*.md")):
        text = path.read_text(encoding="utf-8")
        title = text.splitlines()[0].lstrip("# ")
        parts = re.split(r"^## (?:\d+\.? )?Acceptance\s*$", text, flags=re.M)
        if len(parts) < 2:
            continue
        cases = re.findall(r"^(\d+)\. (.+)$", parts[1].split("\n## ")[0], flags=re.M)
        found[path.name.split("-")[0]] = (title, path.name, {int(n): t for n, t in cases})
    return found


def citations():
    """{(chapter, case): sorted file names} from everything below tests/."""
    found = {}
    for path in sorted((ROOT / "tests").rglob("*")):
        if path.suffix not in SOURCE_ENDINGS or not path.is_file():
            continue
        for chapter, case in ID.findall(path.read_text(encoding="utf-8", errors="replace")):
            name = path.relative_to(ROOT).as_posix()
            found.setdefault((chapter, int(case)), set()).add(name)
    return {key: sorted(names) for key, names in found.items()}


def shorten(text):
    text = text.replace("|", "\\|")
    return text if len(text) <= TITLE_LENGTH else text[:TITLE_LENGTH].rsplit(" ", 1)[0] + " …"


def page():
    cited = citations()
    lines = [
        "# Acceptance cases and their tests",
        "",
        "Written by `scripts/coverage_page.py` from the Acceptance lists in `docs/spec` and the ids",
        "in `tests/`; a test fails when this page is out of date. An id such as 20-27 is case 27 of",
        "chapter 20.",
    ]
    known = chapters()
    for chapter, (title, file, cases) in known.items():
        covered = [n for n in cases if (chapter, n) in cited]
        missing = [n for n in cases if (chapter, n) not in cited]
        lines += ["", f"## {title}", "",
                  f"{len(covered)} of {len(cases)} cases of [{file}](spec/{file}) are covered.", ""]
        if covered:
            lines += ["| id | case | tests |", "|---|---|---|"]
            lines += [f"| {chapter}-{n} | {shorten(cases[n])} | "
                      + ", ".join(f"`{name}`" for name in cited[chapter, n]) + " |"
                      for n in covered]
            lines.append("")
        if missing:
            lines += ["Not yet:", "", "| id | case |", "|---|---|"]
            lines += [f"| {chapter}-{n} | {shorten(cases[n])} |" for n in missing]
    unknown = [f"{c}-{n} in {', '.join(names)}" for (c, n), names in sorted(cited.items())
               if c not in known or n not in known[c][2]]
    return "\n".join(lines) + "\n", unknown


def main():
    text, unknown = page()
    for line in unknown:
        print(f"no such acceptance case: {line}", file=sys.stderr)
    if "--check" in sys.argv[1:]:
        if not PAGE.exists() or PAGE.read_text(encoding="utf-8") != text:
            print("docs/acceptance.md is out of date: run scripts/coverage_page.py",
                  file=sys.stderr)
            return 1
    else:
        PAGE.write_text(text, encoding="utf-8")
        print(f"wrote {PAGE.relative_to(ROOT)}")
    return 1 if unknown else 0


if __name__ == "__main__":
    sys.exit(main())
