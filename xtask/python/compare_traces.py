"""Lays the traces of MLflow's Python client beside ours, field by field.

usage: compare_traces.py URI TABLE

Reads the experiments `Python openai`, `Python anthropic`, `Rust openai` and `Rust anthropic`, writes the table as Markdown to the
file TABLE, and prints what is wrong. Exit code 1 if Python's traces show a field that ours lack, or another value where both must
be the same, without a reason among `REASONS`; or if a reason is not needed any more.
"""

import collections
import datetime
import fnmatch
import json
import os
import sys

os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"

import anthropic  # noqa: E402
import instructor  # noqa: E402
import mlflow  # noqa: E402  (it reads the variables when it is imported)
import openai  # noqa: E402

# Why a field of Python's is not among ours, or has another value: patterns of places and fields. The first that fits is given.
REASONS = [
    ("* chat", "mlflow.spanInputs.messages[].*", "requests are shown as they were sent, and ours ask again for the wrong values alone"),
    ("OpenAI chat", "mlflow.spanInputs.temperature", "it is not sent: Instructor asks judges with temperature 0, here models keep their own"),
    ("OpenAI chat", "temperature", "it is not sent: Instructor asks judges with temperature 0, here models keep their own"),
    ("Anthropic chat", "mlflow.llm.model", "Python names the model that was asked for, ours the one that answered, as for OpenAI"),
]

# What must have the same values, in whatever order.
EQUAL = [
    ("* chat", "mlflow.chat.tokenUsage.*"),
    ("* chat", "mlflow.llm.cost.*"),
    ("* chat", "mlflow.llm.model"),
    ("* chat", "mlflow.llm.provider"),
    ("* chat", "mlflow.message.format"),
    ("* chat", "mlflow.spanType"),
    ("* chat", "mlflow.spanLogLevel"),
    ("* chat", "status.code"),
    ("trace", "state"),
    ("trace", "trace_metadata.mlflow.user"),
    ("trace", "trace_metadata.mlflow.source.type"),
    ("trace", "trace_metadata.mlflow.trace_schema.version"),
]

# Fields that have another value each time.
VOLATILE = ("*_time*", "execution_duration_ms", "*trace_id", "*span_id", "*experiment_id", "*.traceRequestId", "*artifactLocation", "*.git.*", "*.user", "*.source.name")

# What the whole run used, whether that is one trace or four; Python's Anthropic example has a judge of OpenAI's, so it is not compared.
SUMS = ["trace_metadata.mlflow.trace.tokenUsage.total_tokens", "trace_metadata.mlflow.trace.cost.total_cost"]

# Schemas differ by what each library writes into them: they are one value.
SCHEMAS = ("parameters", "input_schema", "input", "arguments")
# Texts that may be cut JSON.
PREVIEWS = ("request_preview", "response_preview", "mlflow.traceInputs", "mlflow.traceOutputs")
WIDTH = 56


def shown(value):
    return value is not None and value != "" and value != [] and value != {}


def leaves(path, value):
    """The fields inside of a value, those without a value left out."""
    is_whole = path.endswith(PREVIEWS) or path.rsplit(".", 1)[-1] in SCHEMAS
    if isinstance(value, str) and value[:1] in '{["' and not is_whole:
        try:
            value = json.loads(value)
        except ValueError:
            pass
    if is_whole:
        items = []
    elif isinstance(value, dict):
        items = [(f"{path}.{key}", inner) for key, inner in value.items()]
    elif isinstance(value, list):
        items = [(f"{path}[]", inner) for inner in value]
    else:
        items = []
    if items:
        for inner_path, inner in items:
            yield from leaves(inner_path, inner)
    elif shown(value):
        yield path, value


def span_fields(span):
    attributes = dict(span["attributes"])
    for key, value in attributes.items():
        yield from leaves(key, value)
    for key in ("name", "parent_span_id", "start_time_unix_nano", "end_time_unix_nano", "status", "events", "links"):
        yield from leaves(key, span.get(key))


class Client:
    """What one client's traces show: of each place and field, the values and the names of the spans that have it."""

    def __init__(self):
        self.values = collections.defaultdict(list)
        self.names = collections.defaultdict(dict)
        self.traces = collections.Counter()
        self.totals = collections.Counter()

    def add(self, run, trace):
        trace = trace.to_dict()
        self.traces[run] += 1
        for key, value in trace["info"].items():
            for path, inner in leaves(key, value):
                self.note("trace", path, inner, "the trace")
                if run == "openai" and path in SUMS:
                    self.totals[path] += inner
        for span in trace["data"]["spans"]:
            fields = list(span_fields(span))
            first = {path: value for path, value in fields}
            wire = {"openai": "OpenAI chat", "anthropic": "Anthropic chat"}.get(first.get("mlflow.message.format"))
            is_chat = first["mlflow.spanType"] == "CHAT_MODEL"
            place = wire if is_chat else "other spans"
            for path, value in fields:
                self.note(place, path, value, span["name"])

    def note(self, place, path, value, name):
        self.values[place, path].append(value)
        self.names[place, path][name] = True

    def has(self, place, path):
        return (place, path) in self.values

    def where(self, place, path):
        return ", ".join(f"`{name}`" if name != "the trace" else name for name in self.names[place, path])

    def distinct(self, place, path):
        return {json.dumps(value, sort_keys=True) for value in self.values[place, path]}


def read(client, uri_client, prefix):
    for run in ("openai", "anthropic"):
        experiment = uri_client.get_experiment_by_name(f"{prefix} {run}")
        traces = uri_client.search_traces(locations=[experiment.experiment_id], max_results=100, order_by=["timestamp_ms ASC"])
        if not traces:
            sys.exit(f"the experiment {prefix} {run} has no traces")
        for trace in traces:
            client.add(run, trace)


def fits(pattern, place, path):
    return fnmatch.fnmatchcase(place, pattern[0]) and fnmatch.fnmatchcase(path, pattern[1].replace("[", "[[]"))


def short(path, value):
    if any(fnmatch.fnmatchcase(path, pattern) for pattern in VOLATILE):
        return "..."
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    text = " ".join(text.split())
    if len(text) > WIDTH:
        text = text[: WIDTH - 3] + "..."
    return "`" + text.replace("|", "\\|").replace("`", "'") + "`"


def same(python, ours, place, path):
    def rounded(values):
        return {json.dumps(round(value, 12)) if isinstance(value := json.loads(text), float) else text for text in values}

    return rounded(python.distinct(place, path)) == rounded(ours.distinct(place, path))


def compare(python, ours):
    """The rows of the table, and what is wrong."""
    rows, faults, used = [], [], set()

    def excused(place, path):
        for number, (pattern_place, pattern_path, reason) in enumerate(REASONS):
            if fits((pattern_place, pattern_path), place, path):
                used.add(number)
                return reason
        return None

    for place, path in sorted(python.values, key=lambda key: (key[0] != "trace", key)):
        value = short(path, python.values[place, path][0])
        if ours.has(place, path):
            where = ours.where(place, path)
            remark = "same" if same(python, ours, place, path) else "present"
            if any(fits(pattern, place, path) for pattern in EQUAL) and remark != "same":
                reason = excused(place, path)
                remark = f"differs: {reason}" if reason else "**DIFFERS**"
                if not reason:
                    values = python.distinct(place, path), ours.distinct(place, path)
                    faults.append(f"{place}: {path} is {values[0]} in Python and {values[1]} in ours")
            rows.append((place, path, value, short(path, ours.values[place, path][0]), where, remark))
        else:
            reason = excused(place, path)
            rows.append((place, path, value, "", "", f"not shown: {reason}" if reason else "**MISSING**"))
            if not reason:
                faults.append(f"{place}: ours do not show {path} (Python: {value})")
    for path in SUMS:
        if round(python.totals[path], 12) != round(ours.totals[path], 12):
            faults.append(f"the sum of {path} is {python.totals[path]} in Python and {ours.totals[path]} in ours")
    for number, (place, path, _) in enumerate(REASONS):
        if number not in used:
            faults.append(f"the reason for {place}: {path} is not needed any more: remove it")
    return rows, faults


def extras(python, ours):
    """What Python shows nowhere; of requests, what it shows of no request."""
    anywhere = {path for _, path in python.values}
    return sorted(
        (place, path)
        for place, path in ours.values
        if not python.has(place, path) and (place != "other spans" or path not in anywhere)
    )


def write(table, python, ours, rows):
    """The Markdown."""
    date = datetime.datetime.now(datetime.timezone.utc).date()
    versions = f"mlflow {mlflow.__version__}, instructor {instructor.__version__}, openai {openai.__version__}, anthropic {anthropic.__version__}"
    lines = [
        "# MLflow beside Python",
        "",
        f"Written by `cargo xtask compare` on {date}, with {versions}. The examples `email_subject` and",
        "`email_subject_anthropic`, and the same calls through Instructor for Python under `mlflow.openai.autolog()` and",
        "`mlflow.anthropic.autolog()`, ask one scripted provider, which tells both the same; one MLflow server keeps both, and MLflow's own",
        "Python client reads them back. The first subject is rejected by the LLM validator, the second is accepted. Values that are another",
        "each time are left out.",
        "",
        "| | Python | this crate |",
        "|---|---|---|",
    ]
    for run in ("openai", "anthropic"):
        lines.append(f"| traces of one call (`{run}`) | {python.traces[run]} | {ours.traces[run]} |")
    for path in SUMS:
        name = path.removeprefix("trace_metadata.mlflow.trace.")
        lines.append(f"| `{name}` of the call, summed over its traces | {python.totals[path]:.10g} | {ours.totals[path]:.10g} |")
    lines += [
        "",
        "## Every field of Python's traces",
        "",
        "A field counts as shown if it has a value: null, empty texts and empty lists are none. Values are those of the first span that has",
        "the field; *same* means that all its values are the same on both sides.",
    ]
    for place in sorted({row[0] for row in rows}, key=lambda place: place != "trace"):
        lines += ["", f"### {place[0].upper()}{place[1:]}", "", "| field | Python | this crate | where | |", "|---|---|---|---|---|"]
        lines += [f"| `{path}` | {value} | {mine} | {where} | {remark} |" for at, path, value, mine, where, remark in rows if at == place]
    lines += ["", "## What only this crate shows", "", "Each as often as a span has it: attempts, validations and verdicts are spans of their own.", "", "| field | for example | where |", "|---|---|---|"]
    for place, path in extras(python, ours):
        lines.append(f"| `{path}` | {short(path, ours.values[place, path][0])} | {ours.where(place, path)} |")
    with open(table, "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    uri, table = sys.argv[1:]
    client = mlflow.MlflowClient(tracking_uri=uri)
    python, ours = Client(), Client()
    read(python, client, "Python")
    read(ours, client, "Rust")
    rows, faults = compare(python, ours)
    write(table, python, ours, rows)
    counts = collections.Counter(row[5].split(":")[0].strip("*") for row in rows)
    print(f"{len(rows)} fields of Python's traces: {dict(counts)}; {len(extras(python, ours))} only in ours")
    for fault in faults:
        print(f"FAULT: {fault}")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
