"""Reads the long answer of `cargo xtask bench --only stream` as it arrives, as a user of Instructor for Python would.

Usage: stream_caller.py ADDRESS BYTES

Orders come as lines of JSON, and a line of figures goes back for each, as from the clients in benches/peers: see
benches/peers/harness/src/order.rs. The type is that of benches/peers/stream/src/lib.rs.
"""

import asyncio
import json
import resource
import sys
import time

import instructor
from openai import AsyncOpenAI
from pydantic import BaseModel, Field


class Member(BaseModel):
    """A member."""

    id: int = Field(description="The number on the card.")
    name: str = Field(description="The whole name.")
    email: str = Field(description="The address.")
    town: str = Field(description="Where they live.")
    note: str = Field(description="What else is known.")
    score: float = Field(description="Points so far.")
    is_active: bool = Field(description="Whether they have paid.")


class Club(BaseModel):
    """The members of a club."""

    members: list[Member] = Field(description="Everyone who is named.")


async def call(client):
    stream = client.create_partial(
        model="gpt-4o",
        messages=[{"role": "user", "content": "Who is in the club?"}],
        response_model=Club,
        max_retries=0,
    )
    last = None
    async for partial in stream:
        last = partial
    if [member.id for member in last.members] != list(range(len(last.members))) or not last.members:
        sys.exit("members are missing")


def processor_seconds():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


async def main():
    address, size = sys.argv[1:]
    base_url = f"{address}/stream/{size}/v1"
    client = instructor.from_openai(AsyncOpenAI(base_url=base_url, api_key="sk-scripted", max_retries=0))
    for line in sys.stdin:
        count = json.loads(line)["count"]
        wall, processor = time.perf_counter(), processor_seconds()
        for _ in range(count):
            await call(client)
        wall, processor = time.perf_counter() - wall, processor_seconds() - processor
        figures = {
            "count": count,
            "wall": int(wall * 1e9),
            "median": int(wall * 1e9 / count),
            "process_cpu": int(processor * 1e9),
            "thread_cpu": int(processor * 1e9),
            "allocations": 0,
            "allocated": 0,
        }
        print(json.dumps(figures), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
