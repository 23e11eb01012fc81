"""Prints traces as the Python client of any MLflow since 2.14 reads them, in one shape for all.

usage: read_versions.py URI EXPERIMENT ...

Writes a JSON object: "version", and "experiments" with the traces of each experiment, oldest first. What a version has no
field for is null.
"""

import json
import os
import sys

os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
os.environ["DO_NOT_TRACK"] = "true"
# See xtask/src/mlflow_server.rs: without internet, looking up prices would hang.
os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"

import mlflow  # noqa: E402  (it reads the variables when it is imported)


def field(value, *names):
    """The first of the attributes that there is."""
    for name in names:
        found = getattr(value, name, None)
        if found is not None:
            return found
    return None


def text(value):
    """An enum's name, or what it is."""
    value = field(value, "value") or value
    return value if value is None else str(value)


def parsed(value):
    return json.loads(value) if isinstance(value, str) else value


def span_facts(span):
    return {
        "id": span.span_id,
        "parent": span.parent_id,
        "name": span.name,
        "type": span.attributes.get("mlflow.spanType"),
        "status": text(span.status.status_code),
        "message": span.status.description,
        "inputs": span.inputs,
        "outputs": span.outputs,
        "tokens": span.attributes.get("mlflow.chat.tokenUsage"),
        "cost": span.attributes.get("mlflow.llm.cost"),
        "nanoseconds": span.end_time_ns - span.start_time_ns,
        "events": [
            {"name": event.name, "message": event.attributes.get("exception.message")} for event in span.events
        ],
    }


def trace_facts(trace):
    info = trace.info
    metadata = field(info, "trace_metadata", "request_metadata") or {}
    return {
        "id": field(info, "trace_id", "request_id"),
        "state": text(field(info, "state", "status")),
        "milliseconds": field(info, "execution_duration", "execution_time_ms"),
        "request_preview": field(info, "request_preview"),
        "response_preview": field(info, "response_preview"),
        "tags": dict(info.tags),
        "metadata": dict(metadata),
        "tokens": parsed(field(info, "token_usage") or metadata.get("mlflow.trace.tokenUsage")),
        "has_token_field": hasattr(info, "token_usage"),
        "cost": parsed(field(info, "cost") or metadata.get("mlflow.trace.cost")),
        "has_cost_field": hasattr(info, "cost"),
        "spans": [span_facts(span) for span in trace.data.spans],
    }


def traces(client, experiment_id):
    try:
        found = client.search_traces(locations=[experiment_id], max_results=100)
    except TypeError:
        found = client.search_traces(experiment_ids=[experiment_id], max_results=100)
    return sorted(found, key=lambda trace: field(trace.info, "timestamp_ms"))


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    uri, *names = sys.argv[1:]
    mlflow.set_tracking_uri(uri)
    client = mlflow.MlflowClient(tracking_uri=uri)
    experiments = {}
    for name in names:
        experiment = client.get_experiment_by_name(name)
        if experiment is None:
            sys.exit(f"{uri} has no experiment {name}")
        found = traces(client, experiment.experiment_id)
        # Both ways to read a trace have to work.
        for trace in found:
            again = client.get_trace(field(trace.info, "trace_id", "request_id"))
            assert len(again.data.spans) == len(trace.data.spans)
        experiments[name] = [trace_facts(trace) for trace in found]
    json.dump({"version": mlflow.__version__, "experiments": experiments}, sys.stdout, default=str)


if __name__ == "__main__":
    main()
