"""Prints what MLflow's own client reads of the models of an experiment, as JSON: read_models.py URI EXPERIMENT MODEL_ID"""

import json
import sys
import tempfile

import mlflow
from mlflow.models import Model

uri, experiment, logged = sys.argv[1:]
mlflow.set_tracking_uri(uri)
experiment_id = mlflow.get_experiment_by_name(experiment).experiment_id


def names(model_id):
    return sorted(file.path for file in mlflow.artifacts.list_artifacts(f"models:/{model_id}"))


def traces(model_id):
    found = mlflow.search_traces(
        experiment_ids=[experiment_id],
        filter_string=f"metadata.`mlflow.modelId` = '{model_id}'",
        return_type="list",
    )
    return sorted(trace.info.tags["mlflow.traceName"] for trace in found)


def describe(model):
    info = mlflow.models.get_model_info(f"models:/{model.model_id}")
    return {
        "model_id": model.model_id,
        "name": model.name,
        "status": str(model.status),
        "model_type": model.model_type,
        "tags": dict(model.tags),
        "params": dict(model.params),
        "files": names(model.model_id),
        "traces": traces(model.model_id),
        "flavors": info.flavors,
        "metadata": info.metadata,
    }


found = mlflow.search_logged_models(
    experiment_ids=[experiment_id],
    order_by=[{"field_name": "creation_timestamp", "ascending": True}],
    output_format="list",
)
directory = mlflow.artifacts.download_artifacts(f"models:/{logged}", dst_path=tempfile.mkdtemp())
model = Model.load(directory)
with open(f"{directory}/schema.json") as file:
    schema = json.load(file)
print(
    json.dumps(
        {
            "models": [describe(mlflow.get_logged_model(model.model_id)) for model in found],
            "logged": {
                "model_id": model.model_id,
                "example": model.load_input_example(directory),
                "inputs": str(model.get_input_schema()),
                "outputs": str(model.get_output_schema()),
                "schema": schema,
            },
        }
    )
)
