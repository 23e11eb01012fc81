"""The cases of `cargo xtask bench --only repair`, as a user of Instructor for Python writes them.

Usage: repair_cases.py < cases.json, where cases.json is {"address", "cases": [{"id", "model", "prompt", "right"}]}

The types are those of benches/peers/repair/src/models.rs with the same rules and descriptions. The mode (tools) and the retries (three)
are Instructor's defaults, as ours are ours.
"""

import json
import sys
from enum import Enum
from typing import Annotated, Optional

import instructor
from openai import OpenAI
from pydantic import AfterValidator, BaseModel, EmailStr, Field

MODEL = "gpt-4o"


class Priority(str, Enum):
    low = "low"
    normal = "normal"
    high = "high"


class Event(BaseModel):
    """A meeting in the calendar."""

    title: str = Field(min_length=3, max_length=40)
    day: str = Field(pattern=r"^\d{4}-\d{2}-\d{2}$", description="The day, as YYYY-MM-DD.")
    minutes: int = Field(ge=5, le=480)
    room: str = Field(pattern=r"^[A-Z]\d{3}$", description="A letter and three digits.")
    attendees: list[EmailStr] = Field(min_length=1, description="Their addresses.")


class Customer(BaseModel):
    name: str
    email: EmailStr
    country: str = Field(pattern="^[A-Z]{2}$", description="Two letters, ISO 3166.")


class Line(BaseModel):
    article: str
    sku: str = Field(pattern=r"^[A-Z]{3}-\d{4}$", description="Three letters, a dash, four digits.")
    quantity: int = Field(ge=1, le=999)
    unit_price: float = Field(ge=0, description="Euros.")
    note: Optional[str] = None


class Method(str, Enum):
    parcel = "parcel"
    pallet = "pallet"
    pickup = "pickup"


class Shipping(BaseModel):
    method: Method
    days: int = Field(ge=1, le=60)


class Order(BaseModel):
    """A purchase order."""

    customer: Customer
    lines: list[Line]
    shipping: Shipping


class Section(BaseModel):
    heading: str = Field(min_length=3, max_length=60)
    body: str
    confidence: float = Field(ge=0, le=1, description="Between 0 and 1.")
    tags: list[str] = Field(min_length=1, max_length=4)


def judged(statement, client):
    return AfterValidator(instructor.llm_validator(statement, client=client, model=MODEL))


def email(client):
    class Email(BaseModel):
        """An email that is ready to be sent."""

        recipient: EmailStr = Field(description="Who receives it.")
        subject: Annotated[str, Field(min_length=5, max_length=60), judged("says what the reader is asked to do", client)]
        priority: Priority

    return Email


def report(client):
    class Report(BaseModel):
        """A report for the board."""

        title: str = Field(min_length=10, max_length=80)
        summary: Annotated[
            str,
            Field(description="What was found, in one sentence."),
            judged("one sentence that says what was found", client),
        ]
        sections: list[Section] = Field(min_length=3)

    return Report


MODELS = {"Email": email, "Event": lambda _: Event, "Order": lambda _: Order, "Report": report}


def main():
    given = json.load(sys.stdin)
    for case in given["cases"]:
        base_url = f"{given['address']}/python/{case['id']}/v1"
        client = instructor.from_openai(OpenAI(base_url=base_url, api_key="sk-scripted", max_retries=0))
        value = client.create(
            model=MODEL,
            messages=[{"role": "user", "content": case["prompt"]}],
            response_model=MODELS[case["model"]](client),
            max_retries=3,
        )
        if value.model_dump(mode="json") != case["right"]:
            sys.exit(f"Instructor for Python, {case['id']}: {value!r}")


if __name__ == "__main__":
    main()
