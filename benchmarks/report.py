#!/usr/bin/env python3
"""Runs bench_contract and prints how our reading, writing, signing and rendering compares with the
plain libraries on the same bytes. Standard library only. Writes contract.json and contract.md to
the output folder.

Benchmarks are named <type>/<operation>/<variant>/<size>; the variant `cxb` is divided by each other
variant of the same type, operation and size. One without a counterpart is a fault.
"""
import argparse
import datetime
import json
import os
import pathlib
import subprocess
import sys

SOURCE = pathlib.Path(__file__).resolve().parents[1]
OURS = "cxb"
EVERYTHING = ".*"


def read_options():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a smoke run of a few seconds")
    parser.add_argument("--filter", default=EVERYTHING, help="regular expression over the names")
    parser.add_argument("--repetitions", type=int, default=3, help="the median counts")
    parser.add_argument("--bin", default=SOURCE / "build/release/bin", type=pathlib.Path)
    parser.add_argument("--out", default=SOURCE / "build/bench", type=pathlib.Path)
    return parser.parse_args()


def run_program(options):
    repetitions = 1 if options.quick else options.repetitions
    command = [options.bin / "bench_contract", "--benchmark_format=json",
               f"--benchmark_filter={options.filter}",
               f"--benchmark_min_time={0.005 if options.quick else 0.2}",
               f"--benchmark_repetitions={repetitions}",
               "--benchmark_enable_random_interleaving=true"]
    done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"bench_contract ended with {done.returncode}: {done.stderr[-2000:]}")
    return json.loads(done.stdout)


def median_rows(document):
    """{(type, operation, size): {variant: facts}}, each the median repetition."""
    runs = {}
    for row in document["benchmarks"]:
        if row.get("run_type") == "aggregate":
            continue
        if row.get("error_occurred"):
            raise RuntimeError(f"{row['name']}: {row.get('error_message')}")
        runs.setdefault(row["run_name"], []).append(row)
    out = {}
    for name, repeats in runs.items():
        repeats.sort(key=lambda row: row["cpu_time"])
        middle = repeats[len(repeats) // 2]
        kind, operation, variant, size = name.split("/")[:4]
        out.setdefault((kind, operation, size), {})[variant] = {
            "microseconds": middle["cpu_time"], "per_second": 1e6 / middle["cpu_time"],
            "allocations": middle["allocations"],
            "mebibytes_per_second": middle["bytes_per_second"] / 2**20,
            "bytes": int(middle["body_bytes"])}
    return out


def lonely(table):
    """Names that have nothing to be compared with: a yardstick or our side is missing."""
    return [f"{kind}/{operation}/{next(iter(variants))}/{size}"
            for (kind, operation, size), variants in table.items()
            if len(variants) < 2 or OURS not in variants]


def ratios(table):
    """One row per comparison, with everything that is printed."""
    out = []
    for (kind, operation, size), variants in table.items():
        ours = variants.get(OURS)
        for variant, theirs in variants.items():
            if not ours or variant == OURS:
                continue
            out.append({"type": kind, "operation": operation, "size": size, "peer": variant,
                        "time_ratio": ours["microseconds"] / theirs["microseconds"],
                        "ours": ours, "theirs": theirs})
    return sorted(out, key=lambda row: (row["type"], row["operation"], row["ours"]["bytes"],
                                        row["peer"]))


def short(microseconds):
    """Three digits of a time, which may be far below a microsecond."""
    places = next((n for n, least in enumerate((10, 1, 0.1), 1) if microseconds >= least), 4)
    return f"{microseconds:.{places}f}"


def markdown(document, rows):
    context = document["context"]
    lines = [
        "# Contracts beside plain libraries", "",
        f"{document['made_at']}; {context['num_cpus']} processors at {context['mhz_per_cpu']} MHz, "
        f"load average {context['load_avg'][0] if context['load_avg'] else 'unknown'}.", "",
        "Ratio = our time ÷ theirs on the same bytes: 1 = the same, 2 = twice as long. One thread; "
        "allocations are those of one operation.", "",
        "| type | operation | size | bytes | ours µs | per second | MiB/s | allocations | peer | "
        "peer µs | peer allocations | ratio |",
        "|---|---|---|" + "---:|" * 5 + "---|" + "---:|" * 3]
    for row in rows:
        ours, theirs = row["ours"], row["theirs"]
        lines.append(
            f"| {row['type']} | {row['operation']} | {row['size']} | {ours['bytes']} | "
            f"{short(ours['microseconds'])} | {ours['per_second']:.0f} | "
            f"{ours['mebibytes_per_second']:.0f} | {ours['allocations']:.0f} | "
            f"{row['peer']} | {short(theirs['microseconds'])} | "
            f"{theirs['allocations']:.0f} | {row['time_ratio']:.2f} |")
    return "\n".join(lines) + "\n"


def main():
    options = read_options()
    options.out.mkdir(parents=True, exist_ok=True)
    try:
        document = run_program(options)
        document["made_at"] = datetime.datetime.now(datetime.timezone.utc).isoformat(
            timespec="seconds")
        table = median_rows(document)
        rows = ratios(table)
        if not rows:
            raise RuntimeError("no comparison was measured")
        if options.filter == EVERYTHING and lonely(table):
            raise RuntimeError("without a counterpart: " + ", ".join(lonely(table)))
    except (RuntimeError, OSError) as fault:
        print(f"FAILED: measuring the contracts\n  {fault}", file=sys.stderr)
        return 1
    text = markdown(document, rows)
    facts = {"made_at": document["made_at"], "context": document["context"], "ratios": rows}
    facts["context"].pop("executable", None)
    facts["context"].pop("host_name", None)
    (options.out / "contract.json").write_text(json.dumps(facts, indent=1) + "\n")
    (options.out / "contract.md").write_text(text)
    print(text)
    print(f"Reports: {options.out}{os.sep}contract.md, contract.json")
    return 0


if __name__ == "__main__":
    sys.exit(main())
