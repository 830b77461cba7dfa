"""What the figures are judged by: the limit that bounds each, and the targets."""

SERVER_BUSY = 0.9  # share of its processors from which on the server's processor is the limit
CLIENT_BUSY = 0.95
DISK_BUSY = 0.6  # share of the time in fdatasync
FLAT = 1.2
OTHERS_BUSY = 0.15  # of one processor: from here on a row counts as disturbed


def limit_of(name, found, connections, threads):
    """The word for what bounds a number."""
    if name == "sqlite":
        cpu = found["server_cpu_us_per_turn"] * found["turns_per_second"] / 1e6
        return "processor" if cpu > SERVER_BUSY else "disk" if cpu < 0.5 else "processor and disk"
    if found["client_cpu_share"] > CLIENT_BUSY:
        return "load generator"
    if found["server_cpu_share"] > SERVER_BUSY * threads:
        return "processor"
    if found.get("sync_share", 0) > DISK_BUSY:
        return "disk"
    if connections == 1:
        return "one at a time"
    shares = (f"processor {found['server_cpu_share']:.0%}"
              + (f", disk {found['sync_share']:.0%}" if "sync_share" in found else ""))
    return f"waits ({shares})"


def rows_of(document, section, scenario):
    found = document["sections"].get(section, {}).get("rows", ())
    return [row for row in found if row["scenario"] == scenario]


def best(rows, peer):
    """The row in which a peer had its highest rate; None without any."""
    there = [row for row in rows if peer in row["peers"]]
    return max(there, key=lambda row: row["peers"][peer]["turns_per_second"], default=None)


def rate_target(document, section, scenario, peer, least):
    rows = rows_of(document, section, scenario)
    ours, theirs = best(rows, "api"), best(rows, peer)
    if not ours or not theirs:
        return None
    return (ours["peers"]["api"]["turns_per_second"]
            / theirs["peers"][peer]["turns_per_second"]), least


def sqlite_target(document):
    row = best(rows_of(document, "results", "result_10k"), "api")
    if not row or "sqlite" not in row["peers"]:
        return None
    return (row["peers"]["api"]["turns_per_second"]
            / row["peers"]["sqlite"]["turns_per_second"]), 0.6


def latency_target(document, section, scenario):
    """p99 in the row of the highest rate, in p99 fdatasyncs of the disk at that time."""
    row = best(rows_of(document, section, scenario), "api")
    if not row:
        return None
    disk = document["sections"][section]["disk"]["fdatasync"]["p99_us"]
    return row["peers"]["api"]["steps"][-1]["p99_us"] / disk


def curves(document):
    """{scenario: [(calls, CPU µs, p50 µs)]}; the p50 of a turn of several requests is their sum."""
    out = {}
    for size in document["sections"].get("growth", {}).get("sizes", ()):
        for name, found in size["curves"].items():
            p50 = sum(step["p50_us"] for step in found["steps"])
            out.setdefault(name, []).append((size["calls"], found["server_cpu_us_per_turn"], p50))
    return out


def spread(values):
    """The highest over the lowest."""
    return max(values) / min(values) if values and min(values) > 0 else float("inf")


def targets(document):
    """[(what, wanted, measured, met)] of everything that was measured."""
    out = []

    def add(what, found, form, wanted, met):
        if found is not None:
            out.append((what, wanted, form(found), met(found)))

    for what, section, scenario, peer, least in (
            ("config fetches ÷ bare Beast's", "config", "config", "beast", 1 / 3),
            ("config fetches ÷ FastAPI's", "config", "config", "fastapi", 10)):
        found = rate_target(document, section, scenario, peer, least)
        add(what, found, lambda f: f"{f[0]:.3g}", f"≥ {least:.3g}", lambda f: f[0] >= f[1])
    add("results of 10 KB ÷ inserts of the same rows by SQLite alone", sqlite_target(document),
        lambda f: f"{f[0]:.3g}", "≥ 0.6", lambda f: f[0] >= f[1])
    for what, section, scenario in (("config", "config", "config"),
                                    ("result of 10 KB", "results", "result_10k")):
        add(f"p99 of a {what} under saturation ÷ p99 of the disk's fdatasync",
            latency_target(document, section, scenario), lambda f: f"{f:.3g}", "≤ 3",
            lambda f: f <= 3)
    memory = document["sections"].get("memory")
    if memory:
        add("idle memory", memory["idle"]["rss_mib"], lambda f: f"{f:.1f} MiB", "< 40 MiB",
            lambda f: f < 40)
        add(f"memory that {memory['ingested_bytes'] / 2**20:.0f} MiB of results add at most",
            memory["peak_mib"] - memory["before"]["rss_mib"], lambda f: f"{f:.1f} MiB",
            "< 64 MiB", lambda f: f < 64)
    for name, points in curves(document).items():
        for what, at in (("CPU", 1), ("p50", 2)):
            add(f"{what} of {name} over the stored calls, highest ÷ lowest",
                spread([point[at] for point in points]), lambda f: f"{f:.2f}", f"≤ {FLAT}",
                lambda f: f <= FLAT)
    return out
