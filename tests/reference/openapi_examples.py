#!/usr/bin/env python3
"""openapi_examples.py DOCUMENT: does every example of an OpenAPI document fit its schema?

Prints each that does not, and how many there were. Needs jsonschema.
"""
import json
import sys

import jsonschema


def media(document):
    """Where a body is described, and its description."""
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            name = f"{method.upper()} {path}"
            for kind, medium in operation.get("requestBody", {}).get("content", {}).items():
                yield f"{name} body {kind}", medium
            for status, answer in operation["responses"].items():
                for kind, medium in answer.get("content", {}).items():
                    yield f"{name} {status} {kind}", medium


def examples(document):
    for place, medium in media(document):
        if "example" in medium:
            yield place, medium["schema"], medium["example"]
        for name, example in medium.get("examples", {}).items():
            yield f"{place} {name}", medium["schema"], example["value"]
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            for parameter in operation.get("parameters", []):
                if "example" in parameter:
                    yield (f"{method.upper()} {path} {parameter['name']}", parameter["schema"],
                           parameter["example"])


def main(file):
    with open(file, encoding="utf-8") as text:
        document = json.load(text)
    checker = jsonschema.Draft202012Validator.FORMAT_CHECKER
    held = wrong = 0
    for place, schema, example in examples(document):
        root = {**schema, "components": document["components"]}
        held += 1
        for fault in jsonschema.Draft202012Validator(root, format_checker=checker).iter_errors(
                example):
            wrong += 1
            print(f"{place}: {fault.json_path}: {fault.message}")
    print(f"{held} examples, {wrong} faults")
    return 1 if wrong or not held else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
