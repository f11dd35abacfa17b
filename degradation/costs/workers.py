"""Worker processes that time things: they live as long as the benchmark, so that no start is timed.

As a program (`python -m degradation.costs.workers`) it is such a worker: jobs as lines of JSON on standard
input, answers on standard output.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import IO, Any

from degradation.config import request
from degradation.sweeps.pool import last_words, python_path

Found = dict[str, Any]


class Workers:
    """Worker processes, of which the first does what is done alone."""

    def __init__(self, count: int) -> None:
        self.count = count

    def __enter__(self) -> "Workers":
        self.stderr = [tempfile.TemporaryFile() for _ in range(self.count)]  # noqa: SIM115 closed at the end
        self.processes = [
            subprocess.Popen(
                [sys.executable, "-m", "degradation.costs.workers"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stderr,
                env={**os.environ, "PYTHONPATH": python_path()},
            )
            for stderr in self.stderr
        ]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process, stderr in zip(self.processes, self.stderr, strict=True):
            process.kill()
            process.communicate()
            stderr.close()

    def first(self, job: Found) -> Found:
        return self.together([job])[0]

    def together(self, jobs: Sequence[Found]) -> list[Found]:
        """Have the first workers do a job each; what they time begins at the same moment.

        Raises:
            RuntimeError: a worker ended; its last words.
        """
        busy = range(len(jobs))
        for index, job in enumerate(jobs):
            self._tell(index, job)
        for _ in ("ready", "done"):
            answers = [self._hear(index) for index in busy]
            if all("result" in answer for answer in answers):
                return [answer["result"] for answer in answers]
            for index in busy:
                self._tell(index, "go")
        raise RuntimeError("a worker of the benchmark gave no result")

    def _tell(self, index: int, what: object) -> None:
        pipe = self.processes[index].stdin
        assert pipe is not None
        pipe.write(json.dumps(what).encode() + b"\n")
        pipe.flush()

    def _hear(self, index: int) -> Found:
        pipe = self.processes[index].stdout
        assert pipe is not None
        line = pipe.readline()
        if not line:
            words = last_words(self.stderr[index]) or "without a word"
            raise RuntimeError(f"a worker of the benchmark ended: {words}")
        answer: Found = json.loads(line)
        return answer


def work(lines: Iterator[bytes], out: IO[bytes]) -> None:
    """Do jobs until the input ends."""
    import torch

    from degradation.costs import timings

    def answer(what: Found) -> None:
        out.write(json.dumps(what).encode() + b"\n")
        out.flush()

    def barrier() -> None:
        answer({"ready": True})
        next(lines)

    for line in lines:
        job = json.loads(line)
        kind = job.pop("kind")
        networks = [request.from_mapping(tree) for tree in job.pop("requests", [])]
        torch.set_num_threads(job.pop("threads", os.cpu_count()))
        with tempfile.TemporaryDirectory() as scratch:
            placed = [one.placed(scratch) for one in networks]
            if kind == "usual":
                result = timings.usual(placed[0], **job, barrier=barrier)
            elif kind == "suite":
                result = timings.suite(placed, **job, barrier=barrier)
            elif kind == "convolutions":
                result = timings.kernels(placed[0])
            elif kind == "limits":
                result = timings.limits(**job)
            else:
                result = timings.describe(placed[0])
        answer({"result": result})


if __name__ == "__main__":
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints is no answer
    work(iter(sys.stdin.buffer), answers)
