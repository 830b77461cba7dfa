"""The report of a load run: load.json with everything, load.md filled from report.template.md, and
load.svg. No figure is written by hand."""
import json
import pathlib
import re

import chart
import tables
import targets
from processes import StepError

TEMPLATE = pathlib.Path(__file__).resolve().parent / "report.template.md"
BUSY = 0.1  # of all processors, before a section began
PERCENTILES = ("p50_us", "p90_us", "p99_us", "p999_us", "max_us")


def drives(document):
    """(where, what was measured) of everything that drove a server."""
    for name, section in document["sections"].items():
        for row in section.get("rows", ()):
            where = f"{name}, {row.get('scenario', 'rows')} with {row['connections']} connections"
            for peer, found in row.get("peers", {}).items():
                yield f"{where}, {tables.TITLES[peer]}", found
            for kind in ("alone", "beside", "drive"):
                if kind in row:
                    yield f"{where}, {kind}", row[kind]
        for size in section.get("sizes", ()):
            for curve, found in size["curves"].items():
                yield f"{name}, {curve} on {size['calls']} calls", found


def check_complete(document):
    """Functional facts only: everything measured something, and its numbers fit together."""
    def need(truth, what):
        if not truth:
            raise StepError("checking the report", what)

    for name, section in document["sections"].items():
        need(section["disk"]["fdatasync"]["count"] > 0, f"{name}: the disk was not measured")
        for row in section.get("rows", ()):
            need("peers" not in row or "api" in row["peers"], f"{name}: cxb-api is missing")
    for where, found in drives(document):
        need(found["turns_per_second"] > 0, f"{where}: nothing was done")
        for step in found.get("steps", ()):
            marks = [step[key] for key in PERCENTILES]
            need(step["count"] > 0 and marks[0] > 0 and marks == sorted(marks),
                 f"{where}: latencies do not fit")


def warnings(document):
    out = []
    if document["settings"]["quick"]:
        out.append("A quick run: it proves that everything works, its numbers mean nothing.")
    for name, section in document["sections"].items():
        if section["busy_before"] > BUSY:
            out.append(f"Before {name} others used {section['busy_before']:.0%} of the processors.")
    found = list(drives(document))
    limited = [where for where, each in found
               if each.get("client_cpu_share", 0) > targets.CLIENT_BUSY]
    if limited:
        out.append("The load generator was at its limit, so the server can do more than shown and "
                   "our ratio to it is an upper bound: " + "; ".join(limited) + ".")
    shares = [(each["other_cpu_share"], where) for where, each in found
              if each.get("other_cpu_share", 0) > targets.OTHERS_BUSY]
    if shares:
        out.append(f"Other work, the kernel's writing back and our own stand-ins for the outside "
                   f"included, took part of a processor in {len(shares)} of {len(found)} "
                   f"measurements; most in {max(shares)[1]}: {max(shares)[0]:.0%}.")
    return "\n".join("- " + line for line in out) or "- none"


def fill(document, svg_name):
    """The template with everything in its place."""
    settings = document["settings"]
    values = {
        "seconds": f"{settings['seconds']:g}", "warmup": f"{settings['warmup']:g}",
        "threads": settings["threads"], "chart": svg_name,
        "place": ("servers on the first processors, load generator on the last, alike for all"
                  if settings["pinned"] else "processes not pinned"),
        "machine": tables.machine(document), "disk": tables.disk(document),
        "targets": tables.judged(document), "warnings": warnings(document),
        "memory": tables.memory(document), "push": tables.pushes(document),
        "idle": tables.idle(document), "growth": tables.growth(document)}
    for section in ("config", "results", "dialout", "growth"):
        values[section + "_ratios"] = tables.ratios(document, section)
        values[section + "_details"] = tables.details(document, section)
    text = TEMPLATE.read_text()
    return re.sub(r"\{\{(\w+)\}\}", lambda found: str(values[found[1]]), text)


def write_json(document, folder):
    (folder / "load.json").write_text(json.dumps(document, indent=1) + "\n")


def write(document, folder):
    write_json(document, folder)
    (folder / "load.svg").write_text(chart.draw(document))
    (folder / "load.md").write_text(fill(document, "load.svg"))
    print("\n" + tables.judged(document) + "\n\n" + warnings(document) +
          f"\n\nReport: {folder}/load.md, load.svg, load.json", flush=True)


def publish(document, folder, docs, wanted, peers):
    """Copies the report into the documentation: only a whole one, of one commit."""
    settings = document["settings"]
    missing = [name for name in wanted if name not in document["sections"]]
    commits = {section["commit"] for section in document["sections"].values()}
    for fault in (settings["quick"] and "it is a quick run",
                  settings["only"] and f"only some rows were measured: {settings['only']}",
                  settings["peers"] != sorted(peers) and "peers are missing",
                  missing and "sections are missing: " + ", ".join(missing),
                  len(commits) > 1 and "its sections are of several commits: "
                  + ", ".join(sorted(commits))):
        if fault:
            raise StepError("publishing the report", fault)
    for suffix in ("json", "svg"):
        (docs / f"performance.{suffix}").write_text((folder / f"load.{suffix}").read_text())
    (docs / "performance.md").write_text(fill(document, "performance.svg"))
    print(f"Published: {docs}/performance.md, performance.svg, performance.json", flush=True)
