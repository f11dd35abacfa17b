"""A process of its own for what is measured, so that one network's memory and failures are no other's."""

import multiprocessing
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import Any

Job = dict[str, Any]
ENDED = "its process ended: too little memory, or an error that it wrote above"


@contextmanager
def talking(target: Callable[[Connection, Job], None], job: Job) -> Iterator[Connection]:
    """Start `target(connection, job)`; what it sends is heard at the connection that is given. It is killed
    at the end, however that comes."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=target, args=(theirs, job), daemon=True)
    process.start()
    theirs.close()
    try:
        yield ours
    finally:
        process.kill()
        process.join()
        ours.close()
