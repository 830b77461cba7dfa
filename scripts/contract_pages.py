#!/usr/bin/env python3
"""Writes docs/contracts: one page per contract, from the field tables.

  scripts/contract_pages.py [--tool PROGRAM] [--check]

--tool   the built contract_reference (default build/dev/bin/contract_reference), which knows the
         tables
--check  write nothing; exit 1 and say which pages are not up to date
"""

import argparse
import json
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
PAGES = ROOT / "docs" / "contracts"
CORPUS = ROOT / "tests" / "contract" / "corpus" / "v1"
UNITS = (("_seconds", "seconds"), ("_secs", "seconds"), ("_ms", "milliseconds"),
         ("_bytes", "bytes"), ("_days", "days"), ("_hours", "hours"))
UNKNOWN = {
    "ignored": "Members it does not name are ignored.",
    "kept": "Members it does not name are kept.",
}
NOTE = "Written by `scripts/contract_pages.py` from the field tables; a test fails when it is old."


def cell(text):
    return text.replace("|", "\\|").replace("\n", " ")


def code(text):
    return f"`{text}`" if text else ""


def number(value):
    return f"{value:g}" if abs(value) < 1e6 else str(int(value))


def size(count):
    for unit, name in ((1 << 20, "MiB"), (1 << 10, "KiB")):
        if count >= unit and count % unit == 0:
            return f"{count // unit} {name}"
    return f"{count} byte" + ("s" if count != 1 else "")


def span(low, high, show):
    if low and high:
        return f"{show(low)} to {show(high)}" if low != high else f"exactly {show(low)}"
    return f"at least {show(low)}" if low else f"at most {show(high)}" if high else ""


def bounds(field):
    parts = []
    if "min" in field or "max" in field:
        low, high = field.get("min"), field.get("max")
        if low is not None and high is not None:
            parts.append(f"{number(low)} to {number(high)}")
        else:
            parts.append(f"at least {number(low)}" if low is not None else
                         f"at most {number(high)}")
    parts.append(span(field["min_bytes"], field["max_bytes"], size))
    items = span(field["min_items"], field["max_items"], str)
    if items:
        parts.append(items + " items")
    if field["pattern"]:
        parts.append(f"form `{field['pattern']}`")
    return ", ".join(part for part in parts if part)


def kind(field, known):
    text = field["type"]
    record = field["record"]
    if record:
        text = text.replace("obj", f"[{record}](#{record})" if record in known else record)
    unit = next((name for ending, name in UNITS if field["name"].endswith(ending)), "")
    if unit and text.split()[0] in ("int", "num"):
        text += f", {unit}"
    if field["words"]:
        text += ": " + ", ".join(code(word) for word in field["words"])
    return text


def absence(field):
    if field["presence"] == "required":
        return "**required**"
    if field["null_kept"]:
        return "absent and null differ"
    if field["presence"] == "optional":
        return "stays absent"
    default = field["default"]
    return code(default if len(default) <= 60 else default[:60] + "…") if default else "default"


def meaning(field):
    text = field["doc"]
    if field["aliases"]:
        text += " Also read as " + ", ".join(code(alias) for alias in field["aliases"]) + "."
    if field["writer"] or field["reader"]:
        text += "".join(f" {title}: {field[key]}." for key, title in
                        (("writer", "Written by"), ("reader", "Read by")) if field[key])
    if field["since"] != "1.0":
        text += f" Since {field['since']}."
    if field["deprecated_since"]:
        text += f" Deprecated since {field['deprecated_since']}."
    return text


def table(record, known):
    lines = ["| Member | Type | Bounds | When absent | Sensitivity | Meaning |",
             "|---|---|---|---|---|---|"]
    for field in record["fields"]:
        lines.append("| " + " | ".join(cell(text) for text in (
            code(field["name"]), kind(field, known), bounds(field), absence(field),
            field["sensitivity"], meaning(field))) + " |")
    return lines


def unknown_rule(record):
    if record["unknown"] == "collected":
        return f"Members it does not name are kept together as `{record['unknown_name']}`."
    return UNKNOWN[record["unknown"]]


def example(name):
    files = sorted(file for file in (CORPUS / name).glob("*.json")
                   if not file.name.endswith(".expected.json"))
    if not files:
        raise SystemExit(f"{name} has no document in the corpus to show as an example")
    text = json.dumps(json.loads(files[0].read_text(encoding="utf-8")), indent=2,
                      ensure_ascii=False)
    where = files[0].relative_to(ROOT).as_posix()
    return ["", f"Example ([{files[0].name}](../../{where})):", "", "```json", text, "```"]


def document(entry, shown):
    first = entry["tables"][0]
    known = {record["name"] for record in entry["tables"]} | shown
    lines = ["", f"## {entry['name']}", "", first["doc"], "",
             f"Body at most {size(entry['max_bytes'])}. {unknown_rule(first)} "
             f"Schema: `share/cxb/schema/v1/{entry['name']}.json`, "
             f"`cxb contract schema {entry['name']}`.", ""]
    lines += table(first, known)
    for record in entry["tables"][1:]:
        if record["name"] in shown:
            continue
        shown.add(record["name"])
        lines += ["", f"### {record['name']}", "", record["doc"]]
        if record["bare"]:
            lines[-1] += f" A bare text, number or boolean stands for its `{record['bare']}`."
        if record["unknown"] != "ignored":
            lines[-1] += " " + unknown_rule(record)
        lines += [""] + table(record, known)
    return lines + example(entry["name"])


def pages(documents):
    """{file name: text}"""
    contracts = {}
    for entry in documents:
        contracts.setdefault(entry["contract"], []).append(entry)
    found = {}
    index = ["# Contracts, member by member", "", NOTE, "",
             "Rules of reading, limits and what each side does with them: "
             "[chapter 10](../spec/10-contracts.md).", "",
             "| Contract | Documents |", "|---|---|"]
    for contract, entries in sorted(contracts.items()):
        lines = [f"# {contract}", "", NOTE]
        shown = set()
        for entry in entries:
            lines += document(entry, shown)
        found[f"{contract}.md"] = "\n".join(lines) + "\n"
        index.append(f"| [{contract}]({contract}.md) | " + ", ".join(
            f"[{entry['name']}]({contract}.md#{entry['name']})" for entry in entries) + " |")
    found["README.md"] = "\n".join(index) + "\n"
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tool", default=ROOT / "build/dev/bin/contract_reference")
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    tables = subprocess.run([options.tool, "tables"], check=True, stdout=subprocess.PIPE).stdout
    wanted = pages(json.loads(tables))
    there = {file.name: file.read_text(encoding="utf-8") for file in PAGES.glob("*.md")}
    old = sorted(name for name in wanted.keys() | there.keys()
                 if wanted.get(name) != there.get(name))
    if options.check:
        for name in old:
            print(f"docs/contracts/{name} is not up to date: run scripts/contract_pages.py")
        return 1 if old else 0
    PAGES.mkdir(parents=True, exist_ok=True)
    for name in old:
        if name in wanted:
            (PAGES / name).write_text(wanted[name], encoding="utf-8")
        else:
            (PAGES / name).unlink()
    print(f"{len(wanted)} pages, {len(old)} changed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
