"""Requests and responses against the types of the vendors' own Python clients."""

import collections.abc
import types
import typing

import pydantic
import typing_extensions

from wire_documents import TAGS

FAULTS_SHOWN = 4


class RequestType:
    """A TypedDict of a client, in which every key must be known, at every depth."""

    def __init__(self, typed_dict):
        make_exact(typed_dict)
        self._adapter = pydantic.TypeAdapter(typed_dict)

    def faults(self, body, also_known):
        """The faults of a body; `also_known` are keys that are known from elsewhere."""
        try:
            self._adapter.validate_python(body, strict=True)
        except pydantic.ValidationError as error:
            faults = error.errors(include_url=False)
            faults = [fault for fault in faults if not is_known_key(fault, also_known)]
            return described("the client's type refuses it", faults)
        return []


class ResponseModel:
    """The model into which a client reads a response."""

    def __init__(self, model):
        self._model = model

    def faults(self, body):
        try:
            self._model.model_validate(body, strict=True)
        except pydantic.ValidationError as error:
            return described("the client cannot read it", error.errors(include_url=False))
        return []


class StreamEvent:
    """The models into which a client reads the events of a stream, one for each `type`."""

    def __init__(self, union):
        alternatives = typing.get_args(typing_extensions.get_args(union)[0])
        self._models = {
            kind: ResponseModel(model)
            for model in alternatives
            for kind in typing.get_args(model.model_fields["type"].annotation)
        }

    def faults(self, body):
        model = self._models.get(body.get("type"))
        if model is None:
            return [f"the client knows no event of type {body.get('type')!r}"]
        return model.faults(body)


def is_known_key(fault, known):
    return fault["type"] == "extra_forbidden" and fault["loc"][0] in known and len(fault["loc"]) == 1


def described(what, faults):
    """Lines about the faults that matter. Of a union, pydantic reports every alternative."""
    meant = without_other_alternatives(faults) or faults
    return [f"{what} at {place(fault)}: {fault['msg']}" for fault in meant[:FAULTS_SHOWN]]


def without_other_alternatives(faults):
    """Leaves out the alternatives that are for bodies with another `role` or `type`, and the
    response models that the request types admit too."""
    others = {
        fault["loc"][:-1]
        for fault in faults
        if fault["type"] == "literal_error" and fault["loc"][-1] in TAGS
    }
    return [
        fault
        for fault in faults
        if not fault["type"].startswith("model_")
        and not any(fault["loc"][: len(other)] == other for other in others)
    ]


def place(fault):
    """The path to the fault, without the names that pydantic gives to nested alternatives."""
    return ".".join(str(part) for part in fault["loc"] if "[" not in str(part))


def make_exact(root):
    """Changes the TypedDicts that can be reached from `root`: unknown keys are forbidden, and
    `Iterable` becomes `list`, for pydantic looks into an iterable only when it is consumed."""
    pending, seen = [root], set()
    while pending:
        annotation = pending.pop()
        if not typing_extensions.is_typeddict(annotation):
            pending.extend(typing.get_args(annotation))
            continue
        if annotation in seen:
            continue
        seen.add(annotation)
        hints = typing_extensions.get_type_hints(annotation, include_extras=True)
        annotation.__annotations__ = {key: eager(hint) for key, hint in hints.items()}
        if not allows_extra_items(annotation):
            annotation.__pydantic_config__ = pydantic.ConfigDict(
                extra="forbid", arbitrary_types_allowed=True
            )
        pending.extend(annotation.__annotations__.values())


def allows_extra_items(typed_dict):
    closed = (None, typing_extensions.Never, typing_extensions.NoExtraItems)
    return getattr(typed_dict, "__extra_items__", None) not in closed


def eager(annotation):
    """The annotation with `list` in the place of `Iterable`, at every depth."""
    origin = typing_extensions.get_origin(annotation)
    if origin is None or origin is typing.Literal:
        return annotation
    if origin is typing_extensions.Annotated:
        return typing_extensions.Annotated[(eager(annotation.__origin__), *annotation.__metadata__)]
    arguments = tuple(eager(argument) for argument in typing.get_args(annotation))
    if origin in (typing.Union, types.UnionType):
        return typing.Union[arguments]
    if origin is collections.abc.Iterable:
        return list[arguments]
    return origin[arguments[0] if len(arguments) == 1 else arguments]
