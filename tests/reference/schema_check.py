#!/usr/bin/env python3
"""Holds documents of the golden corpus against the installed JSON Schemas, with `jsonschema`.

  schema_check.py SCHEMA_DIR CORPUS_DIR [CASES_DIR]

Each schema must be a valid JSON Schema 2020-12, each document of the corpus (and each accepted
case) valid under the schema of its type, except those of READ_ALL_THE_SAME. So that the check itself is known to see something,
each schema must refuse a text in place of the document, and those with required members an empty
object. Exit: 0 all well, 1 findings.
"""

import json
import pathlib
import sys

import jsonschema

# Schemas say what is written. These use older names, or members that readers drop: they are read,
# and their schema must refuse them.
READ_ALL_THE_SAME = {
    "enqueue_request/001_full.json",
    "enqueue_request/002_flat_names.json",
    "exotel_start/parameters_no_object.json",
    "transcript_item/002_other_name.json",
}


def documents(folder):
    return sorted(file for file in folder.glob("*.json")
                  if not file.name.endswith(".expected.json"))


def refusals(validator, schema):
    if validator.is_valid("text"):
        yield "a text is valid under it"
    if schema.get("required") and validator.is_valid({}):
        yield "an empty object is valid under it"


def main():
    schemas, corpus = (pathlib.Path(path) for path in sys.argv[1:3])
    findings = []
    checked = 0
    for folder in sorted(path for path in corpus.iterdir() if path.is_dir()):
        file = schemas / f"{folder.name}.json"
        if not file.exists():
            findings.append(f"{folder.name}: no schema {file.name}")
            continue
        schema = json.loads(file.read_text(encoding="utf-8"))
        jsonschema.Draft202012Validator.check_schema(schema)
        validator = jsonschema.Draft202012Validator(
            schema, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER)
        findings += [f"{file.name}: {text}" for text in refusals(validator, schema)]
        wanted = documents(folder)
        wanted += sorted(folder.glob("*.expected.json"))
        if len(sys.argv) > 3:
            wanted += documents(pathlib.Path(sys.argv[3]) / folder.name / "accept")
        for name in wanted:
            checked += 1
            document = json.loads(name.read_text(encoding="utf-8"))
            title = f"{folder.name}/{name.name}"
            if title in READ_ALL_THE_SAME:
                if validator.is_valid(document):
                    findings.append(f"{title}: valid after all; take it out of the list")
                continue
            findings += [f"{title}: {fault.json_path}: {fault.message}"
                         for fault in validator.iter_errors(document)]
    for line in findings:
        print(line[:400])
    print(f"{checked} documents, {len(findings)} findings")
    return 1 if findings or not checked else 0


if __name__ == "__main__":
    sys.exit(main())
