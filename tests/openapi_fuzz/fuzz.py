"""The run itself; see run.py."""
import collections
import json
import tempfile
import time

import hypothesis
import requests
import schemathesis
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.specs.openapi.checks import (content_type_conformance,
                                               response_schema_conformance,
                                               status_code_conformance)

from bounds import ENDLESS, EXCLUDED, EXPECTED_FAILURES, NOT_ALONE
from plane import Plane
from upkeep import Upkeep, real_ids, with_ids

STRANGER_EXAMPLES = 2  # for those whom the route refuses
SHOWN_FAULTS = 20
REFUSED = ("malformed", "invalid", "unsupported_type")
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance,
          response_schema_conformance]
QUIET = hypothesis.settings(
    database=None, deadline=None, suppress_health_check=list(hypothesis.HealthCheck),
    phases=[hypothesis.Phase.generate], report_multiple_bugs=False)


class Fault(Failure):
    """One that schemathesis does not look for."""


def problem_code(response):
    """Of a problem document; "" of one that is none, or cannot be read."""
    try:
        return json.loads(response.content).get("code", "")
    except (ValueError, AttributeError):
        return ""


def in_url(value):
    return str(value).lower() if isinstance(value, bool) else value


class Fuzz:
    def __init__(self, plane, document, asked):
        self.plane = plane
        self.document = document
        self.asked = asked
        self.link = requests.Session()
        self.faults = collections.defaultdict(list)
        self.statuses = collections.Counter()
        self.calls = collections.Counter()

    # --- one request ---

    def headers(self, caller):
        own = {"admin": self.plane.admin, "key": self.plane.key, "core": self.plane.core}[caller]
        return {**own(), **self.plane.elsewhere()}

    def send(self, case, caller, told):
        sent = case.as_transport_kwargs(base_url=self.plane.base)
        # After all: data that does not fit may lack credentials too.
        sent["headers"].update(self.headers(caller))
        try:
            got = self.link.request(**sent, timeout=60)
        except requests.exceptions.InvalidHeader:
            return None  # no client could send it
        response = schemathesis.Response.from_requests(got, verify=True)
        self.statuses[response.status_code] += 1
        self.calls[case.operation.label] += 1
        checks = list(CHECKS)
        if (case.operation.label, problem_code(response)) in EXPECTED_FAILURES:
            checks.remove(not_a_server_error)
        try:
            case.validate_response(response, checks=checks, additional_checks=[self.listed_code])
        except (FailureGroup, Failure) as fault:
            self.note(case, response, told, getattr(fault, "exceptions", [fault]))
        return response

    def listed_code(self, _context, response, case):
        kind = response.headers.get("content-type", [""])[0]
        if kind != "application/problem+json":
            return
        answers = self.operation(case.operation)["responses"]
        codes = answers.get(str(response.status_code), {}).get("x-codes", {})
        code = problem_code(response)
        if code not in codes:
            raise Fault(operation=case.operation.label, title="Code is not in the document",
                        message=f"{response.status_code} {code!r}")

    def note(self, case, response, told, faults):
        for fault in faults:
            title = getattr(fault, "title", type(fault).__name__)
            key = (case.operation.label, title, response.status_code, problem_code(response))
            self.faults[key].append(
                f"{told}: {str(fault).strip()[:600]}\n    {case.as_curl_command()[:600]}"
                f"\n    {response.status_code} {response.content[:400]!r}")

    # --- one operation ---

    def operation(self, operation):
        return self.document["paths"][operation.path][operation.method.lower()]

    def callers(self, operation):
        """The right one first."""
        access = self.operation(operation)["x-access"]
        first = {"core_secret": "core", "loopback_or_core": "core"}.get(access, "admin")
        rest = [caller for caller in ("admin", "key", "core") if caller != first]
        if access in ("api_key_or_admin", "public_", "public", "signed_link"):
            return [first, "key"], [caller for caller in rest if caller != "key"]
        return [first], rest

    def run(self, operation):
        may, may_not = self.callers(operation)
        self.try_examples(operation, may[0])
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            for caller in may:
                self.generate(operation, mode, caller, self.asked.examples)
        for caller in may_not:
            self.generate(operation, GenerationMode.POSITIVE, caller, STRANGER_EXAMPLES)

    def generate(self, operation, mode, caller, count):
        told = f"{mode.value} as {caller}"
        ids = real_ids(self.plane.ids, operation.path)

        @hypothesis.seed(self.asked.seed)
        @hypothesis.settings(QUIET, max_examples=count)
        @hypothesis.given(case=operation.as_strategy(generation_mode=mode),
                          known=st.integers(0, 3))
        def one(case, known):
            if known and ids:  # three of four name what there is
                case.path_parameters = {**case.path_parameters, **ids}
                if operation.path.endswith("/upload/{session_id}"):
                    case.query = self.plane.upload_query()
            self.send(case, caller, told)

        try:
            one()
        except hypothesis.errors.Unsatisfiable:
            pass  # nothing can be wrong with it

    def try_examples(self, operation, caller):
        """What the document shows is taken."""
        wanted = self.operation(operation)
        parameters = wanted.get("parameters", [])
        path = {p["name"]: p.get("example", "x") for p in parameters if p["in"] == "path"}
        path |= real_ids(self.plane.ids, operation.path)
        query = {p["name"]: in_url(with_ids(self.plane.ids, p["name"], p.get("example", "1")))
                 for p in parameters if p["in"] == "query" and (p["required"] or "example" in p)}
        needed = {p["name"] for p in parameters if p["in"] == "query" and p["required"]}
        alone = [name for name in query if name not in needed and name not in NOT_ALONE]
        body, kind = schemathesis.core.NOT_SET, None
        for kind, medium in wanted.get("requestBody", {}).get("content", {}).items():
            if "example" in medium:
                body = with_ids(self.plane.ids, "", medium["example"])
        for chosen in [needed] + [needed | {name} for name in alone]:
            case = operation.Case(method=operation.method.upper(), path_parameters=dict(path),
                                  query={name: query[name] for name in chosen},
                                  body=body, media_type=kind)
            response = self.send(case, caller, "example")
            if response is not None and problem_code(response) in REFUSED:
                self.note(case, response, "example",
                          [Fault(operation=operation.label, title="An example is refused",
                                 message=", ".join(sorted(chosen)))])


def left_out(operation, described):
    if operation.label in EXCLUDED:
        return EXCLUDED[operation.label]
    kinds = {kind for answer in described["responses"].values()
             for kind in answer.get("content", {})}
    return "its answer has no end" if ENDLESS in kinds else None


def fuzz_all(run, after=lambda operation: None):
    # A copy: what loads it may change it.
    schema = schemathesis.openapi.from_dict(json.loads(json.dumps(run.document)))
    for result in schema.get_all_operations():
        operation = result.ok()
        reason = left_out(operation, run.operation(operation))
        if reason is not None:
            print(f"left out: {operation.label}: {reason}")
        elif run.asked.only in operation.label:
            run.run(operation)
            after(operation)


def report(run, began):
    shown = 0
    for (label, title, status, code), told in sorted(run.faults.items()):
        print(f"FAULT {label}: {title}: {status} {code} ({len(told)} times)")
        if shown < SHOWN_FAULTS:
            print("   ", told[0])
            shown += 1
    print(f"{sum(run.statuses.values())} requests to {len(run.calls)} operations in "
          f"{time.monotonic() - began:.0f} s, statuses {dict(sorted(run.statuses.items()))}, "
          f"{len(run.faults)} faults")


def fuzz(asked):
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="cxb-fuzz-") as folder:
        plane = Plane(asked.api.resolve(), folder)
        try:
            plane.furnish()
            run = Fuzz(plane, plane.ask("GET", "/openapi.json"), asked)
            fuzz_all(run, Upkeep(plane).after)
            alive = plane.call("GET", "/health")[0] == 200
        finally:
            ended = plane.stop()
        report(run, began)
        limited = run.statuses[429] * 20 > sum(run.statuses.values())
        for wrong, what in ((not alive, "the API does not answer any more"),
                            (ended != 0, f"the API ended with {ended}"),
                            (limited, "the rate limits took too much of it"),
                            (not run.calls, "nothing was asked")):
            if wrong:
                print("FAULT", what)
        good = alive and not ended and not limited and run.calls and not run.faults
        return 0 if good else 1
