"""The report of a load run: load.json with everything, load.md to read."""
import json

from processes import StepError

TITLES = {"api": "cxb-api", "nginx": "nginx", "beast": "Beast", "sqlite": "SQLite"}
BUSY_CLIENT = 0.95  # from here on the load generator is what limits
BUSY_OTHERS = 0.15  # of one processor


def check_complete(document):
    """Functional facts only: every row measured something, and its numbers fit together."""
    def need(truth, what):
        if not truth:
            raise StepError("checking the report", what)

    need(document["rows"], "there are no rows")
    need(document["disk"]["fdatasync"]["count"] > 0, "the disk was not measured")
    for row in document["rows"]:
        where = f"{row['scenario']} with {row['connections']} connections"
        need("api" in row["peers"], f"{where}: cxb-api is missing")
        for name, found in row["peers"].items():
            need(found["turns_per_second"] > 0, f"{where}: {name} did nothing")
            for step in found.get("steps", ()):
                marks = [step[key] for key in ("p50_us", "p90_us", "p99_us", "p999_us", "max_us")]
                need(step["count"] > 0 and marks[0] > 0 and marks == sorted(marks),
                     f"{where}: latencies of {name} do not fit")


def table(heads, rows):
    """A Markdown table; the first column is text, the others are numbers."""
    lines = ["| " + " | ".join(heads) + " |", "|---|" + "---:|" * (len(heads) - 1)]
    lines += ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]
    return "\n".join(lines)


def ratio(ours, theirs):
    return f"{ours / theirs:.3g}" if theirs else ""


def name_of(row):
    return f"{row['scenario']}, {row['connections']} conn."


def throughput(document):
    """By speed, and by processor time each, which a busy machine disturbs less."""
    others = [name for name in ("nginx", "beast", "sqlite") if name in document["peers"]]
    rows = []
    for row in document["rows"]:
        ours = row["peers"]["api"]
        cells = [name_of(row), f"{ours['turns_per_second']:.0f}"]
        for key, names in (("turns_per_second", others), ("server_cpu_us_per_turn", others)):
            for name in names:
                found = row["peers"].get(name)
                cells.append(ratio(ours[key], found[key]) if found else "")
        rows.append(cells)
    heads = ["scenario", "cxb-api per second", *(f"÷ {TITLES[name]}" for name in others),
             *(f"CPU ÷ {TITLES[name]}" for name in others)]
    return table(heads, rows)


def latencies(document):
    keys = ("p50_us", "p90_us", "p99_us", "p999_us", "max_us")
    rows = []
    for row in document["rows"]:
        for name, found in row["peers"].items():
            for kind, step in zip(row["steps"], found.get("steps", ())):
                label = name_of(row) + (f", {kind}" if len(row["steps"]) > 1 else "")
                rows.append([label, TITLES[name], *(f"{step[key] / 1e3:.2f}" for key in keys)])
    return table(["scenario", "server", "p50 ms", "p90 ms", "p99 ms", "p99.9 ms", "max ms"], rows)


def costs(document):
    rows = []
    for row in document["rows"]:
        for name, found in row["peers"].items():
            if "server_cpu_share" not in found:
                continue
            cells = [name_of(row), TITLES[name], f"{found['server_cpu_us_per_turn']:.0f}",
                     f"{found['server_cpu_share']:.0%}", f"{found['client_cpu_share']:.0%}",
                     f"{found['peak_rss_mib']:.0f}"]
            written = found.get("written_bytes_per_turn")
            cells.append("" if written is None else f"{written / 1024:.1f}")
            if found.get("commits"):
                cells += [f"{found['commits'] / found['seconds']:.0f}",
                          f"{found['turns_per_commit']:.1f}", f"{found['commit_mean_ms']:.2f}"]
            else:
                cells += ["", "", ""]
            rows.append(cells)
    return table(["scenario", "server", "CPU µs each", "CPU", "client CPU", "peak RSS MiB",
                  "written KiB each", "commits/s", "each commit", "commit ms"], rows)


def disk(document):
    found = document["disk"]
    rows = [[f"append {found['bytes']} bytes and {name}", f"{found[name]['p50_us'] / 1e3:.3f}",
             f"{found[name]['p99_us'] / 1e3:.3f}", f"{found[name]['max_us'] / 1e3:.2f}",
             f"{found[name]['per_second']:.0f}"] for name in ("fdatasync", "fsync")]
    return table(["disk", "p50 ms", "p99 ms", "max ms", "per second"], rows)


def warnings(document):
    out = []
    if document["busy_before"] > 0.1:
        out.append(f"The machine was busy: others used {document['busy_before']:.0%} of its "
                   "processors before the start.")
    if document["quick"]:
        out.append("A quick run: it proves that everything works, its numbers mean nothing.")
    shares = []
    for row in document["rows"]:
        for name, found in row["peers"].items():
            where = f"{name_of(row)}, {TITLES[name]}"
            if found.get("client_cpu_share", 0) > BUSY_CLIENT:
                bound = "" if name == "api" else " and the ratio is an upper bound"
                out.append(f"{where}: the load generator was at its limit, so the server can do "
                           f"more than shown{bound}.")
            shares.append((found.get("other_cpu_share", 0), where))
    disturbed = [share for share in shares if share[0] > BUSY_OTHERS]
    if disturbed:
        out.append(f"Other work, the kernel's writing back included, took part of a processor in "
                   f"{len(disturbed)} of {len(shares)} measurements; most in {max(disturbed)[1]}: "
                   f"{max(disturbed)[0]:.0%}.")
    return "\n".join("- " + line for line in out) or "- none"


def markdown(document):
    facts = document["machine"]
    place = ("servers on the first processors, load generator on the last, alike for all"
             if document["pinned"] else "processes not pinned")
    return f"""# CX Bridge under load

{document['made_at']}; {facts['cpu']}, {facts['cpus']} processors, {facts['memory_mib']} MiB, \
Linux {facts['kernel']}. Load generator and server share this machine ({place}); every server has \
{document['threads']} event loop(s). Closed loop over keep-alive connections on loopback, \
{document['seconds']:g} s measured after {document['warmup']:g} s of warm-up. All answers were 200 \
and held what they should; every acknowledged call was counted in the database file afterwards.

## Ratios

cxb-api ÷ peer, by throughput: 1 = as fast, 0.5 = half as fast. nginx and Beast keep nothing: they
answer the same bytes. SQLite is one thread inserting rows of the same size, as many in a
transaction as there are connections. CPU ÷ peer compares the processor time of the server for each
request (with two requests, for both): 2 = twice the work.

{throughput(document)}

## Disk

{disk(document)}

## Latencies

{latencies(document)}

## Cost

`CPU` is the server's use of processors while it was measured (100 % = one). A commit is one
fdatasync of the write-ahead log; checkpoints add a few more.

{costs(document)}

## To be borne in mind

{warnings(document)}
"""


def write(document, folder):
    text = markdown(document)
    (folder / "load.json").write_text(json.dumps(document, indent=1) + "\n")
    (folder / "load.md").write_text(text)
    print("\n" + text, flush=True)
