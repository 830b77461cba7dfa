"""What the fuzzer leaves out or allows, each with its reason."""

# Operations that are not called.
EXCLUDED = {
    "POST /api/v1/auth/logout-all": "ends the tokens of those who ask",
}
# An answer of this type has no end.
ENDLESS = "text/event-stream"

# 5xx answers that say what they should, by operation and code; any other 5xx is a fault.
NO_LIVEKIT = "there is no LiveKit server here"
EXPECTED_FAILURES = {
    ("POST /api/v1/widget/token", "unavailable"): NO_LIVEKIT,
    ("POST /api/v1/bots/{id}/browser-test", "unavailable"): NO_LIVEKIT,
    ("POST /api/v1/carriers/{id}/sync", "unavailable"): NO_LIVEKIT,
}

# Optional parameters whose example cannot stand alone.
NOT_ALONE = {
    "cursor": "only a former answer has one",
    "target_id": "needs target_type",
}
