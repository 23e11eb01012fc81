"""What a correct request and response look like in each dialect of the wire."""

import functools

import anthropic.types
import anthropic.types.message_create_params
import openai.types
import openai.types.chat
import openai.types.chat.completion_create_params
import openai.types.moderation_create_params
import openai.types.responses
import openai.types.responses.response_create_params

from wire_documents import RequestSchema
from wire_types import RequestType, ResponseModel, StreamEvent


class Dialect:
    """The rules of one dialect; the documents and types are read when they are first needed."""

    document = path = plain_type = streaming_type = response_type = event_type = None

    def request_faults(self, headers, body):
        headers = {name.lower(): value for name, value in headers.items()}
        request_type = self._streaming if body.get("stream") is True else self._plain
        return [
            *self.header_faults(headers),
            *self._schema.faults(body),
            # The two sources are of different dates: a key is unknown if neither knows it.
            *request_type.faults(body, also_known=self._schema.keys),
        ]

    def header_faults(self, headers):
        content_type = headers.get("content-type", "(none)")
        if content_type.partition(";")[0].strip().lower() != "application/json":
            yield f"its content-type is {content_type}, not application/json"

    def response_faults(self, body):
        return ResponseModel(self.response_type).faults(body)

    def event_faults(self, body):
        """The faults of an event; one that is the provider's error may be in any words."""
        return [] if self.is_error(body) else self._event.faults(body)

    def is_error(self, body):
        return body.get("type") == "error"

    @functools.cached_property
    def _event(self):
        return StreamEvent(self.event_type)

    @functools.cached_property
    def _schema(self):
        return RequestSchema(self.document, self.path)

    @functools.cached_property
    def _plain(self):
        return RequestType(self.plain_type)

    @functools.cached_property
    def _streaming(self):
        return RequestType(self.streaming_type)


class OpenAi(Dialect):
    """What all of OpenAI's endpoints have in common."""

    document = "openai/official/openapi.yml"

    def header_faults(self, headers):
        yield from super().header_faults(headers)
        scheme, _, key = headers.get("authorization", "").partition(" ")
        if scheme != "Bearer" or not key:
            yield "its authorization is not `Bearer KEY`"


class OpenAiChat(OpenAi):
    """OpenAI's chat completions."""

    path = "/chat/completions"
    plain_type = openai.types.chat.completion_create_params.CompletionCreateParamsNonStreaming
    streaming_type = openai.types.chat.completion_create_params.CompletionCreateParamsStreaming
    response_type = openai.types.chat.ChatCompletion
    event_type = openai.types.chat.ChatCompletionChunk

    def is_error(self, body):
        return "error" in body

    @functools.cached_property
    def _event(self):
        return ResponseModel(self.event_type)  # All chunks are of one type.


class OpenAiResponses(OpenAi):
    """OpenAI's Responses."""

    path = "/responses"
    plain_type = openai.types.responses.response_create_params.ResponseCreateParamsNonStreaming
    streaming_type = openai.types.responses.response_create_params.ResponseCreateParamsStreaming
    response_type = openai.types.responses.Response
    event_type = openai.types.responses.ResponseStreamEvent

class Anthropic(Dialect):
    """Anthropic's messages."""

    document = "anthropic/official/openapi.yml"
    path = "/v1/messages"
    plain_type = anthropic.types.message_create_params.MessageCreateParamsNonStreaming
    streaming_type = anthropic.types.message_create_params.MessageCreateParamsStreaming
    response_type = anthropic.types.Message
    event_type = anthropic.types.RawMessageStreamEvent

    def event_faults(self, body):
        # The documentation says that it may come at any time; the types leave it out.
        return [] if body.get("type") == "ping" else super().event_faults(body)

    def header_faults(self, headers):
        yield from super().header_faults(headers)
        if not headers.get("x-api-key"):
            yield "it has no x-api-key"
        if headers.get("anthropic-version") != "2023-06-01":
            yield "its anthropic-version is not 2023-06-01"


class OpenAiModerations(OpenAi):
    """OpenAI's moderation endpoint."""

    path = "/moderations"
    plain_type = openai.types.moderation_create_params.ModerationCreateParams
    response_type = openai.types.ModerationCreateResponse


DIALECTS = {
    "openai": OpenAiChat(),
    "openai moderations": OpenAiModerations(),
    "openai responses": OpenAiResponses(),
    "anthropic": Anthropic(),
}
