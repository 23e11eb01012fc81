"""Checks recorded requests and responses against what the vendors publish.

usage: check_wire.py DIR
       check_wire.py --self-test

Each line of the files DIR/*.jsonl is one message:

    {"dialect": "openai", "openai responses" or "anthropic", "kind": "request", "response" or "event",
     "test": NAME, "status": 200, "headers": {NAME: VALUE}, "body": {...}}

A request (which has no status) must satisfy the vendor's OpenAPI document, the request types of the
vendor's own client with no key that they do not know, and the rules for headers. A response with
status 200 must be readable by that client, and so must each event of a response that is a stream. Ends with exit code 1 if there is a fault or no message.
"""

import collections
import json
import pathlib
import sys

import wire_examples
from wire_dialects import DIALECTS


def faults(message):
    """What is wrong with a message, as a list of texts."""
    dialect = DIALECTS.get(message.get("dialect"))
    if dialect is None:
        return [f"its dialect is {message.get('dialect')!r}, not one of {', '.join(DIALECTS)}"]
    body = message.get("body")
    match message.get("kind"):
        case "request" if isinstance(body, dict):
            return dialect.request_faults(message.get("headers", {}), body)
        case "response" if message.get("status") != 200:
            return []  # Servers may refuse in any words.
        case "response" if isinstance(body, dict):
            return dialect.response_faults(body)
        case "event" if isinstance(body, dict):
            return dialect.event_faults(body)
        case "request" | "response" | "event":
            return ["its body is not a JSON object"]
        case kind:
            return [f"its kind is {kind!r}, not request, response or event"]


def messages(folder):
    """The recorded messages, each with its place."""
    for path in sorted(folder.glob("*.jsonl")):
        # Not `splitlines`, which also splits at marks that may stand within a text of JSON.
        for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
            if not line:
                continue
            place = f"{path.name}:{number}"
            try:
                yield place, json.loads(line)
            except ValueError as error:
                sys.exit(f"{place} is not JSON: {error}")


def check(folder):
    """Prints every fault of the messages in the folder, and the counts; returns the exit code."""
    counts, faulty, judged = collections.Counter(), 0, {}
    for place, message in messages(folder):
        counts[f"{message.get('dialect')} {message.get('kind')}"] += 1
        # Tests of load send one request thousands of times.
        same = json.dumps({**message, "test": None}, sort_keys=True)
        if same not in judged:
            judged[same] = faults(message)
        found = judged[same]
        if found:
            faulty += 1
            print(f"{message.get('test')} ({message.get('dialect')} {message.get('kind')}, {place}):")
            print(*(f"    {fault}" for fault in found), sep="\n")
    if not counts:
        print(f"there is no message in {folder}/*.jsonl: no test has recorded what it sent")
        return 1
    print(", ".join(f"{count} {what}" for what, count in sorted(counts.items())), end="; ")
    print(f"{faulty} with faults" if faulty else "no faults")
    return 1 if faulty else 0


def self_test():
    """Judges messages that are known to be right or wrong; returns the exit code."""
    misjudged = 0
    for name, message, expected in wire_examples.examples():
        found = faults(message)
        right = any(expected in fault for fault in found) if expected else not found
        verdict = "refused" if found else "accepted"
        print(f"{'ok' if right else 'WRONG':5} {verdict:8} {name}")
        if not right:
            misjudged += 1
            print(f"      expected: {expected or 'no fault'}", *found, sep="\n      ")
    return 1 if misjudged else 0


def main():
    if sys.argv[1:] == ["--self-test"]:
        return self_test()
    if len(sys.argv) != 2 or sys.argv[1].startswith("-"):
        sys.exit(__doc__)
    return check(pathlib.Path(sys.argv[1]))


if __name__ == "__main__":
    sys.exit(main())
