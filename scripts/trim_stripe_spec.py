"""Trims Stripe's OpenAPI file to what the stand-in in tests/stripe speaks, as plain JSON Schema.

`python -m scripts.trim_stripe_spec spec3.json` writes tests/stripe/spec.json. The whole file is
published by Stripe (github.com/stripe/openapi) under the MIT license; a copy lies in the PyPI wheel
seahaven-stripe-world. Kept are the operations used and the schemas of what they carry; what lies
beyond is only held to be an object. Objects are closed: a field that Stripe does not know fails.
"""

import json
import sys
from pathlib import Path
from typing import Any, cast

TARGET = Path(__file__).resolve().parent.parent / "tests" / "stripe" / "spec.json"
LICENCE = "Trimmed from Stripe's OpenAPI specification, MIT License, Copyright (c) Stripe, Inc."
OPERATIONS = (
    ("get", "/v1/account"),
    ("post", "/v1/checkout/sessions"),
    ("get", "/v1/checkout/sessions/{session}"),
    ("post", "/v1/checkout/sessions/{session}/expire"),
    ("post", "/v1/payment_intents"),
    ("get", "/v1/payment_intents"),
    ("get", "/v1/payment_intents/{intent}"),
    ("post", "/v1/payment_intents/{intent}/capture"),
    ("post", "/v1/payment_intents/{intent}/cancel"),
    ("post", "/v1/refunds"),
    ("get", "/v1/refunds"),
    ("get", "/v1/disputes"),
)
KEPT = {
    *("account", "api_errors", "charge", "checkout.session", "dispute", "error", "event"),
    *("payment_intent", "payment_intent_next_action", "refund", "notification_event_data"),
    "payment_intent_next_action_pix_display_qr_code",
    "dispute_evidence",
    "dispute_evidence_details",
    "notification_event_request",
}
_NOISE = {"description", "title", "x-expandableFields", "x-resourceId", "x-stripeBypassValidation"}

Schema = dict[str, Any]


def schema(given: object) -> Any:  # noqa: ANN401 - a schema is JSON
    """Return a schema as JSON Schema: no prose, `nullable` said as null, objects closed."""
    if isinstance(given, list):
        return [schema(one) for one in cast("list[object]", given)]
    if not isinstance(given, dict):
        return given
    old = cast("Schema", given)
    if "$ref" in old:
        name = str(old["$ref"]).rpartition("/")[2]
        return {"$ref": f"#/schemas/{name}"} if name in KEPT else {"type": "object"}
    new: Schema = {}
    for key, value in old.items():
        if key == "properties":
            new[key] = {name: schema(one) for name, one in cast("Schema", value).items()}
        elif key not in _NOISE and not key.startswith("x-"):
            new[key] = schema(value)
    if "properties" in new and "additionalProperties" not in new:
        new["additionalProperties"] = False
    if new.pop("nullable", False):
        return {"anyOf": [new, {"type": "null"}]}
    return new


def operation(given: Schema) -> Schema:
    """Return what an operation takes and gives: its parameters, its body, its answer."""
    form = given.get("requestBody", {}).get("content", {}).get("application/x-www-form-urlencoded")
    answer = given["responses"]["200"]["content"]["application/json"]["schema"]
    query = (
        {one["name"]: schema(one["schema"]) for one in given["parameters"] if one["in"] == "query"}
        if "parameters" in given
        else {}
    )
    return {
        "query": {"type": "object", "properties": query, "additionalProperties": False},
        "body": schema(form["schema"]) if form else {},
        "answer": schema(answer),
    }


def trim(spec: Schema) -> Schema:
    """Return the trimmed specification."""
    return {
        "license": LICENCE,
        "version": spec["info"]["version"],
        "operations": {
            f"{verb} {path}": operation(spec["paths"][path][verb]) for verb, path in OPERATIONS
        },
        "schemas": {
            name: schema(one) for name, one in spec["components"]["schemas"].items() if name in KEPT
        },
    }


def main() -> None:
    """Read the whole file, write the trimmed one."""
    spec = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    TARGET.parent.mkdir(exist_ok=True)
    text = json.dumps(trim(spec), separators=(",", ":"), sort_keys=True)
    TARGET.write_text(text.replace('},"', '},\n"') + "\n", encoding="utf-8")
    print(f"{TARGET.name}: {TARGET.stat().st_size // 1024} KB")


if __name__ == "__main__":
    main()
