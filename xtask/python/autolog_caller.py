"""Makes the calls of `cargo xtask bench --only autolog` as a user of Instructor for Python would.

Usage: autolog_caller.py ADDRESS [TRACKING_URI EXPERIMENT]

With an address of MLflow every call is traced by `mlflow.openai.autolog()`, which is what MLflow's documentation says of
Instructor. Orders come as lines of JSON, and a line of figures goes back for each, as from the clients in benches/peers: see
benches/peers/harness/src/order.rs. The type is that of benches/peers/ours/src/ticket.rs.
"""

import json
import os
import resource
import sys
import time
from typing import Literal

os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
os.environ["DO_NOT_TRACK"] = "true"
# See xtask/src/mlflow_server.rs: without internet, looking up prices would hang.
os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"

import instructor  # noqa: E402  (the libraries read the variables when they are imported)
from openai import OpenAI  # noqa: E402
from pydantic import BaseModel, Field  # noqa: E402


class Step(BaseModel):
    """One thing to do."""

    summary: str = Field(description="What to do.")
    owner: str | None = Field(description="Who does it, if anyone is named.")
    minutes: int = Field(description="How long it takes, in minutes.")


class Ticket(BaseModel):
    """A support ticket, read from a customer's message."""

    title: str = Field(description="The problem in one sentence.")
    priority: Literal["low", "normal", "high", "urgent"] = Field(description="How urgent it is.")
    account: str | None = Field(description="The customer's account number, if the message names one.")
    tags: list[str] = Field(description="Words to find the ticket by.")
    steps: list[Step] = Field(description="What has to be done, in order.")


def call(client):
    ticket = client.create(
        model="gpt-4o",
        messages=[{"role": "user", "content": "Extract the ticket."}],
        response_model=Ticket,
        max_retries=1,
    )
    if sum(step.minutes for step in ticket.steps) != 160:
        sys.exit("this is not the canned ticket")


def processor_seconds():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def main():
    address, *tracking = sys.argv[1:]
    if tracking:
        import mlflow

        uri, experiment = tracking
        mlflow.set_tracking_uri(uri)
        mlflow.set_experiment(experiment)
        mlflow.openai.autolog()
    # After `autolog`: a client made before is not traced.
    openai = OpenAI(base_url=f"{address}/text/v1", api_key="sk-scripted", max_retries=0)
    client = instructor.from_openai(openai, mode=instructor.Mode.JSON)
    for line in sys.stdin:
        order = json.loads(line)
        wall, processor, thread = time.perf_counter(), processor_seconds(), time.thread_time()
        latencies = []
        if order["work"] == "flush":
            if tracking:
                mlflow.flush_trace_async_logging()
        else:
            for _ in range(order["count"]):
                began = time.perf_counter()
                call(client)
                latencies.append(time.perf_counter() - began)
        wall, processor = time.perf_counter() - wall, processor_seconds() - processor
        thread = time.thread_time() - thread
        latencies.sort()
        at = lambda share: int(latencies[int(len(latencies) * share)] * 1e9) if latencies else 0  # noqa: E731
        figures = {
            "count": len(latencies),
            "wall": int(wall * 1e9),
            "median": at(0.5),
            "p99": at(0.99),
            "process_cpu": int(processor * 1e9),
            "thread_cpu": int(thread * 1e9),
            "allocations": 0,
            "allocated": 0,
        }
        print(json.dumps(figures), flush=True)


if __name__ == "__main__":
    main()
