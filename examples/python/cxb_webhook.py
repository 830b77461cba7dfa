"""Checks the signature of a CX Bridge push (Standard Webhooks, docs/spec/10-contracts.md 2.4).

Standard library only; copy this file into your CRM.

    verify(headers, body, ["whsec_..."])   # raises BadSignature, else returns the webhook id

`headers` is any mapping with case-insensitive or lower-case keys, `body` the raw bytes as
received: verify before parsing. Deduplicate by the returned id, it is the same over all attempts.
"""
import base64
import hashlib
import hmac
import time

TOLERANCE_SECONDS = 300


class BadSignature(Exception):
    """The request is not from CX Bridge, was altered, or is too old. Answer 401."""


def _key(secret):
    prefix, _, text = secret.partition("_")
    if prefix != "whsec":
        raise ValueError("a signing secret starts with whsec_")
    return base64.b64decode(text)


def sign(secret, webhook_id, timestamp, body):
    message = f"{webhook_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(_key(secret), message, hashlib.sha256).digest()).decode()


def verify(headers, body, secrets, now=None):
    lower = {name.lower(): value for name, value in headers.items()}
    try:
        webhook_id = lower["webhook-id"]
        timestamp = int(lower["webhook-timestamp"])
        signatures = lower["webhook-signature"].split()
    except (KeyError, ValueError) as missing:
        raise BadSignature(f"missing or unreadable header: {missing}") from None
    if abs((time.time() if now is None else now) - timestamp) > TOLERANCE_SECONDS:
        raise BadSignature("timestamp outside the tolerance")
    for secret in secrets:
        expected = sign(secret, webhook_id, timestamp, body).encode()
        for given in signatures:
            if given.startswith("v1,") and hmac.compare_digest(expected, given.encode()):
                return webhook_id
    raise BadSignature("no signature matches")
