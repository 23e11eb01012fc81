"""Messages of which it is known whether they are right, to test the checker itself."""

SCHEMA = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "age": {"type": "integer"}},
    "required": ["name", "age"],
    "additionalProperties": False,
}
QUESTION = [{"role": "user", "content": "Jason is 25 years old."}]

OPENAI_HEADERS = {"Content-Type": "application/json", "Authorization": "Bearer key"}
OPENAI_TOOL = {"type": "function", "function": {"name": "User", "parameters": SCHEMA, "strict": True}}
OPENAI_CALL = {
    "id": "call_1",
    "type": "function",
    "function": {"name": "User", "arguments": '{"name": "Jason", "age": 25}'},
}
OPENAI_REQUEST = {
    "model": "gpt-4o",
    "messages": QUESTION,
    "temperature": 0,
    "max_tokens": 100,
    "tools": [OPENAI_TOOL],
    "tool_choice": {"type": "function", "function": {"name": "User"}},
}
OPENAI_RESPONSE = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "created": 1_795_381_665,
    "model": "gpt-4o",
    "choices": [
        {
            "index": 0,
            "finish_reason": "tool_calls",
            "logprobs": None,
            "message": {
                "role": "assistant",
                "content": None,
                "refusal": None,
                "tool_calls": [OPENAI_CALL],
            },
        }
    ],
    "usage": {"prompt_tokens": 50, "completion_tokens": 12, "total_tokens": 62},
}

OPENAI_CHUNK = {
    "id": "chatcmpl-1",
    "object": "chat.completion.chunk",
    "created": 1_795_381_665,
    "model": "gpt-4o",
    "choices": [{"index": 0, "delta": {"content": "Ja"}, "logprobs": None, "finish_reason": None}],
    "usage": None,
}

RESPONSES_CALL = {
    "type": "function_call",
    "call_id": "call_1",
    "name": "User",
    "arguments": '{"name": "Jason", "age": 25}',
}
RESPONSES_REQUEST = {
    "model": "gpt-4o",
    "input": [{"type": "message"} | QUESTION[0]],
    "temperature": 0,
    "max_output_tokens": 100,
    "tools": [{"type": "function", "name": "User", "parameters": SCHEMA, "strict": True}],
    "tool_choice": {"type": "function", "name": "User"},
    "store": False,
}
RESPONSES_RESPONSE = {
    "id": "resp_1",
    "object": "response",
    "created_at": 1_795_381_665,
    "status": "completed",
    "error": None,
    "incomplete_details": None,
    "model": "gpt-4o",
    "output": [RESPONSES_CALL],
    "parallel_tool_calls": False,
    "tool_choice": "auto",
    "tools": [],
    "usage": {
        "input_tokens": 50,
        "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
        "output_tokens": 12,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": 62,
    },
}
RESPONSES_EVENT = {
    "type": "response.function_call_arguments.delta",
    "sequence_number": 3,
    "item_id": "fc_1",
    "output_index": 0,
    "delta": "{",
}

ANTHROPIC_HEADERS = {
    "content-type": "application/json",
    "x-api-key": "key",
    "anthropic-version": "2023-06-01",
}
ANTHROPIC_TOOL = {"name": "User", "description": "A user.", "input_schema": SCHEMA}
ANTHROPIC_CALL = {
    "type": "tool_use",
    "id": "toolu_1",
    "name": "User",
    "input": {"name": "Jason", "age": 25},
}
ANTHROPIC_REQUEST = {
    "model": "claude-sonnet-4-5",
    "max_tokens": 100,
    "messages": QUESTION,
    "tools": [ANTHROPIC_TOOL],
    "tool_choice": {"type": "tool", "name": "User"},
}
ANTHROPIC_RESPONSE = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": "claude-sonnet-4-5",
    "content": [ANTHROPIC_CALL],
    "stop_reason": "tool_use",
    "stop_sequence": None,
    "usage": {"input_tokens": 50, "output_tokens": 12},
}
ANTHROPIC_EVENT = {
    "type": "content_block_delta",
    "index": 0,
    "delta": {"type": "input_json_delta", "partial_json": "{"},
}


def without(mapping, *keys):
    return {key: value for key, value in mapping.items() if key not in keys}


def openai_request(name, expected=None, headers=OPENAI_HEADERS, **changes):
    return request(name, expected, "openai", headers, OPENAI_REQUEST | changes)


def responses_request(name, expected=None, **changes):
    return request(
        name, expected, "openai responses", OPENAI_HEADERS, RESPONSES_REQUEST | changes
    )


def anthropic_request(name, expected=None, headers=ANTHROPIC_HEADERS, **changes):
    return request(name, expected, "anthropic", headers, ANTHROPIC_REQUEST | changes)


def request(name, expected, dialect, headers, body):
    message = {"dialect": dialect, "kind": "request", "headers": headers, "body": body}
    return f"{dialect} request, {name}", message, expected


def response(name, expected, dialect, body, status=200):
    message = {"dialect": dialect, "kind": "response", "status": status, "body": body}
    return f"{dialect} response, {name}", message, expected


def event(name, expected, dialect, body):
    message = {"dialect": dialect, "kind": "event", "body": body}
    return f"{dialect} event, {name}", message, expected


def examples():
    """Yields name, message, and a part of the expected fault, or None for a message to accept."""
    yield from openai_requests()
    yield from responses_requests()
    yield from anthropic_requests()
    yield from responses()
    yield from events()
    yield "a dialect that nobody speaks", {"dialect": "klingon", "kind": "request"}, "its dialect"
    yield "a kind that does not exist", {"dialect": "openai", "kind": "wish"}, "its kind"
    yield "a body that is text", {"dialect": "openai", "kind": "request", "body": "{}"}, "its body"


def openai_requests():
    json_schema = {"name": "User", "schema": SCHEMA, "strict": True}
    tool_result = {"role": "tool", "tool_call_id": "call_1", "content": "age: too small"}
    reask = [{"role": "assistant", "content": None, "tool_calls": [OPENAI_CALL]}, tool_result]

    yield openai_request("a tool")
    yield openai_request("a reask after a call", messages=QUESTION + reask)
    yield openai_request("streamed", stream=True, stream_options={"include_usage": True})
    yield openai_request(
        "a JSON schema", response_format={"type": "json_schema", "json_schema": json_schema}
    )
    yield openai_request("no messages", "messages", messages=[])
    yield request(
        "no messages at all", "'messages' is a required property", "openai", OPENAI_HEADERS,
        without(OPENAI_REQUEST, "messages"),
    )
    yield openai_request("an unknown key", "tool_choise", tool_choise="auto")
    yield openai_request(
        "an unknown key in a message", "nickname",
        messages=[{"role": "user", "content": "Hello", "nickname": "Jay"}],
    )
    yield openai_request("an unknown tool choice", "tool_choice", tool_choice="sometimes")
    yield openai_request(
        "a tool without a name", "name", tools=[{"type": "function", "function": {}}]
    )
    yield openai_request(
        "a JSON schema without a name", "name",
        response_format={"type": "json_schema", "json_schema": without(json_schema, "name")},
    )
    yield openai_request(
        "an image that is only an address", "image_url",
        messages=[{"role": "user", "content": [{"type": "image_url", "image_url": "http://x"}]}],
    )
    yield openai_request(
        "a tool result that answers no call", "tool_call_id",
        messages=[*QUESTION, reask[0], without(tool_result, "tool_call_id")],
    )
    yield openai_request("too high a temperature", "temperature", temperature=3)
    yield openai_request("a temperature in words", "temperature", temperature="hot")
    yield openai_request("a number in quotes", "max_tokens", max_tokens="100")
    yield openai_request(
        "no key", "authorization", headers=without(OPENAI_HEADERS, "Authorization")
    )
    yield openai_request(
        "plain text", "content-type", headers=OPENAI_HEADERS | {"Content-Type": "text/plain"}
    )


def responses_requests():
    json_schema = {"type": "json_schema", "name": "User", "schema": SCHEMA, "strict": True}
    result = {"type": "function_call_output", "call_id": "call_1", "output": "age: too small"}
    asked = RESPONSES_REQUEST["input"]

    yield responses_request("a tool")
    yield responses_request("a reask after a call", input=[*asked, RESPONSES_CALL, result])
    yield responses_request("streamed", stream=True)
    yield responses_request("a JSON schema", text={"format": json_schema})
    yield responses_request(
        "a JSON schema of the chat wire", "format",
        text={"format": {"type": "json_schema", "json_schema": json_schema}},
    )
    yield responses_request("a tool of the chat wire", "tools", tools=[OPENAI_TOOL])
    yield responses_request("messages", "messages", messages=QUESTION)
    yield responses_request("a limit of the chat wire", "max_tokens", max_tokens=100)
    yield responses_request(
        "a result that answers no call", "call_id",
        input=[*asked, RESPONSES_CALL, without(result, "output")],
    )


def anthropic_requests():
    result = {
        "type": "tool_result",
        "tool_use_id": "toolu_1",
        "is_error": True,
        "content": "age: too small",
    }

    def reask(result):
        return [
            *QUESTION,
            {"role": "assistant", "content": [ANTHROPIC_CALL]},
            {"role": "user", "content": [result]},
        ]

    yield anthropic_request("a tool")
    yield anthropic_request("system and temperature", system="Be brief.", temperature=0.5)
    yield anthropic_request("a reask after a call", messages=reask(result))
    yield anthropic_request("streamed", stream=True)
    yield request(
        "no max_tokens", "max_tokens", "anthropic", ANTHROPIC_HEADERS,
        without(ANTHROPIC_REQUEST, "max_tokens"),
    )
    yield anthropic_request("a tool of OpenAI's", "tools", tools=[OPENAI_TOOL])
    yield anthropic_request("a tool choice of OpenAI's", "tool_choice", tool_choice="required")
    yield anthropic_request("an unknown key", "max_token", max_token=100)
    yield anthropic_request(
        "a result that answers no call", "tool_use_id",
        messages=reask(without(result, "tool_use_id")),
    )
    yield anthropic_request(
        "an unknown key in a result", "error", messages=reask(result | {"error": True})
    )
    yield anthropic_request(
        "no key", "x-api-key", headers=without(ANTHROPIC_HEADERS, "x-api-key")
    )
    yield anthropic_request(
        "no version", "anthropic-version", headers=without(ANTHROPIC_HEADERS, "anthropic-version")
    )


def responses():
    yield response("a call", None, "openai", OPENAI_RESPONSE)
    yield response("no choices", "choices", "openai", without(OPENAI_RESPONSE, "choices"))
    yield response(
        "an unknown finish reason", "finish_reason", "openai",
        OPENAI_RESPONSE | {"choices": [OPENAI_RESPONSE["choices"][0] | {"finish_reason": "tired"}]},
    )
    yield response("a refusal by the server", None, "openai", {"error": {}}, status=429)
    yield response("a call", None, "anthropic", ANTHROPIC_RESPONSE)
    yield response("no usage", "usage", "anthropic", without(ANTHROPIC_RESPONSE, "usage"))
    yield response(
        "an unknown stop reason", "stop_reason", "anthropic",
        ANTHROPIC_RESPONSE | {"stop_reason": "tired"},
    )
    yield response("a call", None, "openai responses", RESPONSES_RESPONSE)
    yield response(
        "no output", "output", "openai responses", without(RESPONSES_RESPONSE, "output")
    )


def events():
    yield event("a chunk", None, "openai", OPENAI_CHUNK)
    yield event("usage alone", None, "openai", OPENAI_CHUNK | {"choices": []})
    yield event("an error", None, "openai", {"error": {"message": "no"}})
    yield event("a whole response", "object", "openai", OPENAI_RESPONSE)
    yield event("a delta", None, "openai responses", RESPONSES_EVENT)
    yield event(
        "a delta of no item", "item_id", "openai responses", without(RESPONSES_EVENT, "item_id")
    )
    yield event("an event of the other vendor", "no event", "openai responses", ANTHROPIC_EVENT)
    yield event("a delta", None, "anthropic", ANTHROPIC_EVENT)
    yield event("a ping", None, "anthropic", {"type": "ping"})
    yield event("an error", None, "anthropic", {"type": "error", "error": {}})
    yield event("a delta of no block", "index", "anthropic", without(ANTHROPIC_EVENT, "index"))
