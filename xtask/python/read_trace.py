"""Prints the traces of an experiment as MLflow's own Python client reads them.

usage: read_trace.py URI EXPERIMENT [NAME]

Writes a JSON array, newest trace first, each as `Trace.to_dict()` gives it. With NAME only traces
whose root span has that name. An experiment that does not exist is an error; one without traces is
an empty array.
"""

import json
import os
import sys

os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
os.environ["DO_NOT_TRACK"] = "true"
# See xtask/src/mlflow_server.rs: without internet, looking up prices would hang.
os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"

import mlflow  # noqa: E402  (it reads the variables when it is imported)

PAGE = 100


def traces(client, experiment_id):
    """All traces of the experiment with their spans, page by page."""
    token = None
    while True:
        page = client.search_traces(
            locations=[experiment_id],
            max_results=PAGE,
            order_by=["timestamp_ms DESC"],
            page_token=token,
        )
        yield from page
        token = page.token
        if not token:
            return


def root_name(trace):
    return next((span.name for span in trace.data.spans if span.parent_id is None), None)


def main():
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    uri, experiment_name, *name = sys.argv[1:]
    client = mlflow.MlflowClient(tracking_uri=uri)
    experiment = client.get_experiment_by_name(experiment_name)
    if experiment is None:
        sys.exit(f"{uri} has no experiment {experiment_name}")
    found = [
        trace.to_dict()
        for trace in traces(client, experiment.experiment_id)
        if not name or root_name(trace) == name[0]
    ]
    json.dump(found, sys.stdout, indent=1)


if __name__ == "__main__":
    main()
