"""The examples `email_subject` and `email_subject_anthropic` in Python: Instructor, traced by MLflow's autolog.

usage: compare_calls.py openai|anthropic MODEL

The provider is named by OPENAI_BASE_URL or ANTHROPIC_BASE_URL, MLflow by MLFLOW_TRACKING_URI and MLFLOW_EXPERIMENT_NAME, as for
the examples.
"""

import sys
from typing import Annotated

import anthropic
import instructor
import mlflow
import openai
from instructor import llm_validator
from pydantic import AfterValidator, BaseModel, Field

PROMPT = "Come up with a subject for an email inviting users to follow the MLflow GitHub repo."
JUDGE = "gpt-4o"
RULE = "ensure subject is concise and engaging"


def openai_client():
    mlflow.openai.autolog()
    return instructor.from_openai(openai.OpenAI()), {}


def anthropic_client():
    mlflow.anthropic.autolog()
    return instructor.from_anthropic(anthropic.Anthropic()), {"max_tokens": 1000}


CLIENTS = {"openai": openai_client, "anthropic": anthropic_client}


def main():
    if len(sys.argv) != 3 or sys.argv[1] not in CLIENTS:
        sys.exit(__doc__)
    provider, model = sys.argv[1:]
    # As in Instructor's documentation, the judge is OpenAI's: it is asked with a temperature, which Anthropic's client (2.14) does
    # not take any more.
    judge, _ = openai_client()
    client, parameters = CLIENTS[provider]()

    class EmailSubject(BaseModel):
        """The subject line of an email."""

        recipient: str = Field(description="Who receives the email.")
        subject: Annotated[str, AfterValidator(llm_validator(RULE, client=judge, model=JUDGE))] = Field(
            description="The subject line."
        )

    email = client.chat.completions.create(
        model=model,
        response_model=EmailSubject,
        messages=[{"role": "user", "content": PROMPT}],
        **parameters,
    )
    print(repr(email))
    mlflow.flush_trace_async_logging()


if __name__ == "__main__":
    main()
