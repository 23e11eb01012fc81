"""A scripted provider on 127.0.0.1 that speaks the wires of OpenAI (chat completions) and Anthropic (messages).

usage: scripted_provider.py PORT

It keeps nothing in mind: what it answers depends on the request alone, so that every client that asks the same is told the same.
The first subject of an email is long and vague, one that is asked for after that is good, and the judge knows the two apart.
"""

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

VAGUE = "Some thoughts on a repository that you may or may not like"
GOOD = "Star MLflow: every release, first in your feed"
VERDICT = "The subject is long and does not say what it is about."


def arguments(messages, schema):
    """What the tool is called with: of all that can be said, the fields that the schema asks for."""
    text = json.dumps(messages, ensure_ascii=False)
    is_retry = len(messages) > 1
    is_valid = GOOD in text
    known = {
        "recipient": "users@example.com",
        "subject": GOOD if is_retry else VAGUE,
        "is_valid": is_valid,
        "reason": None if is_valid else VERDICT,
        "fixed_value": None,
    }
    return {name: known[name] for name in schema["properties"]}


def openai(request):
    function = request["tools"][0]["function"]
    call = {
        "id": "call_1",
        "type": "function",
        "function": {"name": function["name"], "arguments": json.dumps(arguments(request["messages"], function["parameters"]))},
    }
    message = {"role": "assistant", "content": None, "refusal": None, "tool_calls": [call]}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1763800000,
        "model": "gpt-4o-2024-08-06",
        "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}],
        "usage": {
            "prompt_tokens": 150,
            "completion_tokens": 24,
            "total_tokens": 174,
            "prompt_tokens_details": {"cached_tokens": 64, "audio_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0},
        },
        "service_tier": "default",
        "system_fingerprint": "fp_1",
    }


def anthropic(request):
    tool = request["tools"][0]
    use = {"type": "tool_use", "id": "toolu_1", "name": tool["name"], "input": arguments(request["messages"], tool["input_schema"])}
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "claude-sonnet-4-5-20250929",
        "content": [use],
        "stop_reason": "tool_use",
        "stop_sequence": None,
        "usage": {
            "input_tokens": 412,
            "output_tokens": 58,
            "cache_read_input_tokens": 128,
            "cache_creation_input_tokens": 0,
            "service_tier": "standard",
        },
    }


WIRES = {"/v1/chat/completions": openai, "/v1/messages": anthropic}


class Provider(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Head and body in one piece: apart, each answer would wait for the acknowledgement of its head.
    wbufsize = -1

    def answer(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def do_GET(self):
        self.answer(200 if self.path == "/health" else 404, {})

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        wire = WIRES.get(self.path.split("?")[0])
        if wire is None:
            self.answer(404, {"error": {"message": f"no {self.path} here"}})
        else:
            self.answer(200, wire(json.loads(body)))


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Provider).serve_forever()


if __name__ == "__main__":
    main()
