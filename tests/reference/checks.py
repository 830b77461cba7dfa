#!/usr/bin/env python3
"""Runs the public tools that judge the reference.

  checks.py schemas SCHEMA_DIR     jsonschema: every document of the corpus
  checks.py openapi CXB_API        openapi-spec-validator: what `cxb-api openapi` prints, and
                                   jsonschema: its examples
  checks.py doxygen OUTPUT_DIR     doxygen: no warning about a public header

A validator that is not there is told as "SKIP: ..."; with CI=true or CXB_TEST_REQUIRE_ALL=1 that
is a failure. scripts/setup.sh installs them; doxygen only with --with-docs.
"""

import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


def missing(what):
    required = os.environ.get("CI") == "true" or os.environ.get("CXB_TEST_REQUIRE_ALL") == "1"
    print(f"{'everything has to run here, but' if required else 'SKIP:'} {what} is missing")
    return 1 if required else 0


def python_with(module):
    """An interpreter that has the module: the one of scripts/setup.sh, else this one."""
    own = ROOT / ".deps" / "check-python" / "bin" / "python3"
    for candidate in ([own] if own.exists() else []) + [sys.executable]:
        tried = subprocess.run([candidate, "-c", f"import {module}"], check=False, cwd="/",
                               capture_output=True)
        if tried.returncode == 0:
            return candidate
    return None


def schemas(folder):
    python = python_with("jsonschema")
    if python is None:
        return missing("jsonschema")
    contract = ROOT / "tests" / "contract"
    return subprocess.run([python, ROOT / "tests" / "reference" / "schema_check.py", folder,
                           contract / "corpus" / "v1", contract / "cases"], check=False).returncode


def openapi(program):
    python = python_with("openapi_spec_validator")
    if python is None:
        return missing("openapi-spec-validator")
    with tempfile.TemporaryDirectory() as folder:
        document = pathlib.Path(folder) / "openapi.json"
        document.write_bytes(subprocess.run([pathlib.Path(program).resolve(), "openapi"],
                                            check=True, cwd=folder, stdout=subprocess.PIPE).stdout)
        judged = subprocess.run([python, "-m", "openapi_spec_validator", document],
                                check=False).returncode
        examples = ROOT / "tests" / "reference" / "openapi_examples.py"
        return judged or subprocess.run([python, examples, document], check=False).returncode


def doxygen(folder):
    ran = subprocess.run([ROOT / "scripts" / "docs.sh", folder], check=False,
                         stdout=subprocess.PIPE)
    print((pathlib.Path(folder) / "warnings.txt").read_text(encoding="utf-8"))
    return ran.returncode


if __name__ == "__main__":
    sys.exit({"schemas": schemas, "openapi": openapi, "doxygen": doxygen}[sys.argv[1]](sys.argv[2]))
