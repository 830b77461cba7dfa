"""The tables of the report: functions from the document to Markdown."""
import targets

TITLES = {"api": "cxb-api", "nginx": "nginx", "beast": "Beast", "sqlite": "SQLite",
          "fastapi": "FastAPI"}
NOT_MEASURED = "*Not measured in this run.*"


def table(heads, rows):
    """A Markdown table; the first column is text, the others are numbers."""
    if not rows:
        return NOT_MEASURED
    lines = ["| " + " | ".join(heads) + " |", "|---|" + "---:|" * (len(heads) - 1)]
    lines += ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]
    return "\n".join(lines)


def ratio(ours, theirs):
    return f"{ours / theirs:.3g}" if theirs else ""


def milliseconds(us):
    return f"{us / 1e3:.3g}" if us < 1e6 else f"{us / 1e3:.0f}"


def all_rows(document, section):
    return document["sections"].get(section, {}).get("rows", ())


def ratios(document, section):
    """By speed, and by processor time each, which a busy machine disturbs less."""
    rows = all_rows(document, section)
    others = [name for name in ("nginx", "beast", "fastapi", "sqlite")
              if any(name in row["peers"] for row in rows)]
    cells = []
    for row in rows:
        ours = row["peers"]["api"]
        line = [row["scenario"], row["connections"], f"{ours['turns_per_second']:.0f}"]
        for key in ("turns_per_second", "server_cpu_us_per_turn"):
            line += [ratio(ours[key], row["peers"][name][key]) if name in row["peers"] else ""
                     for name in others]
        cells.append(line)
    return table(["scenario", "connections", "cxb-api per second",
                  *(f"÷ {TITLES[name]}" for name in others),
                  *(f"CPU ÷ {TITLES[name]}" for name in others)], cells)


def cost_cells(found):
    cells = [f"{found['server_cpu_us_per_turn']:.0f}"]
    cells.append(f"{found['server_cpu_share']:.0%}" if "server_cpu_share" in found else "")
    cells.append(f"{found['peak_rss_mib']:.0f}" if "peak_rss_mib" in found else "")
    cells.append(f"{found['syncs_per_second']:.0f}" if "syncs_per_second" in found else "")
    cells.append(f"{found['turns_per_commit']:.1f}" if found.get("turns_per_commit") else "")
    return cells


def bound(document, found, connections):
    """What bounds a figure of our server."""
    return targets.limit_of("api", found, connections, document["settings"]["threads"])


def details(document, section):
    """A line for each server and, of ours, each step; of SQLite the commit has a latency."""
    cells = []
    threads = document["settings"]["threads"]
    for row in all_rows(document, section):
        for name, found in row["peers"].items():
            kinds = row["steps"] if len(found.get("steps", ())) > 1 else [""]
            if name != "api":
                kinds = kinds[:1]
            for kind, step in zip(kinds, found.get("steps", [found.get("commit")])):
                first = kind in ("", kinds[0])
                cells.append([
                    row["scenario"] + (f", {kind}" if kind else ""), row["connections"],
                    TITLES[name], f"{found['turns_per_second']:.0f}" if first else "",
                    *(milliseconds(step[key]) for key in ("p50_us", "p99_us", "p999_us")),
                    *(cost_cells(found) if first else [""] * 5),
                    targets.limit_of(name, found, row["connections"], threads) if first else ""])
    return table(["scenario", "connections", "server", "per second", "p50 ms", "p99 ms",
                  "p99.9 ms", "CPU µs each", "CPU", "RSS MiB", "fsyncs/s", "each commit",
                  "bounded by"], cells)


def machine(document):
    facts = document["machine"]
    sections = document["sections"]
    rows = [["processor", f"{facts['cpu']}, {facts['cpus']} of them"],
            ["memory", f"{facts['memory_mib'] / 1024:.0f} GiB"], ["kernel", facts["kernel"]],
            ["disk", facts["file_system"]], ["compiler", facts["compiler"]]]
    rows += [[name, text] for name, text in facts["versions"].items()]
    if sections:
        rows.append(["commit", ", ".join(sorted({each["commit"] for each in sections.values()}))])
        rows.append(["measured", max(each["made_at"] for each in sections.values())])
    return table(["what", "this machine"], rows).replace("|---|---:|", "|---|---|")


def disk(document):
    """Each section measured it anew, right before it began."""
    rows = [[name, *(milliseconds(each["disk"][kind][key]) for kind in ("fdatasync", "fsync")
                     for key in ("p50_us", "p99_us")),
             f"{each['disk']['fdatasync']['per_second']:.0f}"]
            for name, each in document["sections"].items()]
    return table(["before section", "fdatasync p50 ms", "p99 ms", "fsync p50 ms", "p99 ms",
                  "fdatasyncs/s"], rows)


def judged(document):
    rows = [[what, wanted, found, "met" if met else "**not met**"]
            for what, wanted, found, met in targets.targets(document)]
    return table(["target", "wanted", "measured", "verdict"], rows)


def memory(document):
    found = document["sections"].get("memory")
    if not found:
        return NOT_MEASURED
    volume = found["ingested_bytes"] / 2**20
    rows = [["idle, one bot, nothing asked yet", f"{found['idle']['rss_mib']:.1f}",
             f"{found['idle']['anonymous_mib']:.1f}"],
            ["after the first result", f"{found['before']['rss_mib']:.1f}",
             f"{found['before']['anonymous_mib']:.1f}"],
            [f"most while {volume:.0f} MiB came in ({found['body_kib']} KB each, 16 connections, "
             f"{found['drive']['turns_per_second']:.0f}/s)", f"{found['peak_mib']:.1f}", ""],
            ["afterwards", f"{found['after']['rss_mib']:.1f}",
             f"{found['after']['anonymous_mib']:.1f}"]]
    return table(["when", "RSS MiB", "of it not of files MiB"], rows)


def pushes(document):
    rows = []
    for each in document["sections"].get("push", {}).get("rows", ()):
        cells = [each["connections"], each["pushes"], f"{each['results_per_second']:.0f}",
                 f"{each['pushes_per_second']:.0f}", f"{each['backlog']:.0f}",
                 f"{each['drain_seconds']:.2f}"]
        cells.append(f"{each['drain_per_second']:.0f}" if each["drain_per_second"] else "")
        drive = each["drive"]
        rows.append([*cells, f"{each['cpu_us_per_call']:.0f}", f"{drive['server_cpu_share']:.0%}",
                     f"{drive['syncs_per_second']:.0f}",
                     *(milliseconds(drive["steps"][0][key])
                       for key in ("p50_us", "p99_us", "p999_us")),
                     bound(document, drive, each["connections"])])
    return table(["connections", "results", "results/s", "pushes/s over all", "backlog at the end",
                  "drained in s", "pushes/s then", "CPU µs a call", "CPU", "fsyncs/s",
                  "result p50 ms", "p99 ms", "p99.9 ms", "bounded by"], rows)


def idle(document):
    found = document["sections"].get("idle")
    if not found:
        return NOT_MEASURED
    rows = []
    for each in found["rows"]:
        for label, drive in (("without", each["alone"]), ("beside them", each["beside"])):
            rows.append([label, each["connections"], f"{drive['turns_per_second']:.0f}",
                         *(milliseconds(drive["steps"][0][key])
                           for key in ("p50_us", "p99_us", "p999_us")),
                         f"{drive['server_cpu_us_per_turn']:.0f}",
                         bound(document, drive, each["connections"])])
    text = (f"{found['clients']} clients cost {found['kib_per_client']:.1f} KiB each; "
            f"{found['still_open']} were connected to the end.\n\n")
    return text + table(["config fetches", "connections", "per second", "p50 ms", "p99 ms",
                         "p99.9 ms", "CPU µs each", "bounded by"], rows)


def growth(document):
    rows = []
    sizes = document["sections"].get("growth", {}).get("sizes", ())
    for size in sizes:
        for name, found in size["curves"].items():
            rows.append([name, f"{size['calls']}", f"{size['file_bytes'] / 2**30:.2f}",
                         f"{found['turns_per_second']:.0f}",
                         f"{found['server_cpu_us_per_turn']:.0f}",
                         milliseconds(sum(step["p50_us"] for step in found["steps"])),
                         milliseconds(max(step["p99_us"] for step in found["steps"])),
                         f"{found['peak_rss_mib']:.0f}",
                         bound(document, found, size["connections"])])
    rows.sort(key=lambda row: row[0])  # stable: the sizes stay in order
    return table(["scenario", "calls stored", "file GiB", "per second", "CPU µs each", "p50 ms",
                  "p99 ms", "RSS MiB", "bounded by"], rows)
