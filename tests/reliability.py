"""Break runs on purpose, and see that nothing is lost: python tests/reliability.py [--full] [SCENARIO ...]

Without --full each scenario runs in a short form, as the test suite has it; with it the counts are those of
reports/reliability/README.md. Networks train in forked children, because a start of Python costs more than
these runs; the scenarios of whole commands say so.
"""

import argparse
import json
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import pandas as pd
import psutil
import torch
import yaml

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(Path(__file__).parent)]

from forked import FORKING, begun, ended  # noqa: E402

from degradation import errors  # noqa: E402
from degradation.config import request  # noqa: E402
from degradation.config.request import Request  # noqa: E402
from degradation.files import holder, read_json  # noqa: E402
from degradation.runs import schema  # noqa: E402
from degradation.sweeps import pool, sweep  # noqa: E402
from degradation.training import checkpoint  # noqa: E402
from degradation.training.classifier import Classifier  # noqa: E402
from degradation.training.experiment import train  # noqa: E402

Row = dict[str, Any]


def make(runs: Path, **overrides: Any) -> Request:
    """A tiny run of two epochs and three checkpoints."""
    tree = yaml.safe_load((ROOT / "conf/train.yaml").read_text())
    del tree["defaults"], tree["hydra"]
    tree["model"] = {"family": "residual", "depth": 8, "width": 4, "shortcut": None}
    tree["data"] = yaml.safe_load((ROOT / "conf/data/shapes.yaml").read_text())
    tree["data"].update(size=8, count=96, test_count=300)
    tree["train"].update(steps=12, batch_size=16, evaluate_every=6, checkpoint_every=4, threads=1)
    tree.update(experiment_name="tiny", runs=str(runs))
    tree["schedule"]["milestones"] = [0.5]
    tree["seed"] = overrides.pop("seed", 0)
    tree["trainer"].update(accelerator="cpu", devices=overrides.pop("devices", 1))
    tree["train"].update(overrides)
    return request.from_mapping(tree)


def child(work: Callable[[], int], kill_after: float | None = None) -> int:
    """The exit code of `work` in a process of its own, which is killed after so many seconds; -9: it was."""
    pid = begun(work)
    if kill_after is not None:
        time.sleep(kill_after)
        os.kill(pid, signal.SIGKILL)
    return ended(pid)


def result(wanted: Request) -> tuple[list[str], dict[str, torch.Tensor]]:
    """The rows of curves.csv without the times, and the weights."""
    times = [schema.CURVE_COLUMNS.index(name) for name in schema.TIME_COLUMNS]
    rows = []
    for line in (wanted.folder / schema.CURVES).read_text().splitlines():
        cells = line.split(",")
        rows.append(",".join(cell for place, cell in enumerate(cells) if place not in times))
    return rows, checkpoint.load(wanted.folder / schema.LAST)["classifier"]["network"]


def same(ours: Request, theirs: Request) -> bool:
    (rows, weights), (others, other) = result(ours), result(theirs)
    return rows == others and all(torch.equal(weights[key], other[key]) for key in weights | other)


def quietly(wanted: Request) -> Callable[[], int]:
    return lambda: train(wanted, echo=False)


def expect(fact: bool, words: str) -> None:
    """Fail with what was found."""
    if not fact:
        raise AssertionError(words)


def undisturbed(scratch: Path, **overrides: Any) -> tuple[Request, float]:
    """A run to compare with, and how long it took."""
    wanted = make(scratch / "whole", **overrides)
    since = time.monotonic()
    expect(child(quietly(wanted)) == errors.DONE, "the undisturbed run failed")
    return wanted, time.monotonic() - since


def kill_at_random(scratch: Path, full: bool) -> Row:
    """kill -9 at a random moment, the same command again: bitwise what an undisturbed run gives."""
    longer = {"steps": 60, "evaluate_every": 6, "checkpoint_every": 4}
    whole, seconds = undisturbed(scratch, **longer)
    count, steps, missed = (20 if full else 2), [], 0
    moments = random.Random(0)
    for number in range(count):
        wanted = make(scratch / f"killed{number}", **longer)
        while child(quietly(wanted), moments.uniform(0.1, 0.95) * seconds) != -signal.SIGKILL:
            missed += 1
            seconds *= 0.7  # it was complete before that: the machine is less busy now
            wanted = make(scratch / f"missed{missed}", **longer)
        if (wanted.folder / schema.LAST).exists():
            steps.append(checkpoint.load(wanted.folder / schema.LAST)["classifier"]["step"])
        expect(child(quietly(wanted)) == errors.DONE, f"killed {number}: does not go on")
        expect(same(whole, wanted), f"killed {number}: other bits")
    return {"kills": count, "with a checkpoint to go on from": len(steps), "at steps": sorted(set(steps))}


@contextmanager
def dying_at(place: int, count: list[int] | None = None) -> Iterator[None]:
    """Kill this process at the n-th begin or end of a step, evaluation, fsync or rename; or count them."""
    seen = 0

    def pass_by() -> None:
        nonlocal seen
        seen += 1
        if count is not None:
            count[0] = seen
        elif seen == place:
            os.kill(os.getpid(), signal.SIGKILL)

    def wrapped(original: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **keywords: Any) -> Any:
            pass_by()
            value = original(*arguments, **keywords)
            pass_by()
            return value

        return call

    with (
        mock.patch.object(Classifier, "update", wrapped(Classifier.update)),
        mock.patch.object(Classifier, "measure", wrapped(Classifier.measure)),
        mock.patch.object(os, "fsync", wrapped(os.fsync)),
        mock.patch.object(Path, "replace", wrapped(Path.replace)),
    ):
        yield


def kill_everywhere(scratch: Path, full: bool) -> Row:
    """kill -9 before and after each step, evaluation, fsync and rename of a run of three checkpoints."""
    whole, _ = undisturbed(scratch)
    read, write = os.pipe()

    def counted() -> int:
        count = [0]
        with dying_at(0, count):
            train(make(scratch / "counted"), echo=False)
        os.write(write, str(count[0]).encode())
        return 0

    expect(child(counted) == 0, "counting failed")
    places = int(os.read(read, 100))
    tried = range(1, places + 1, 1 if full else places // 4)
    for place in tried:
        wanted = make(scratch / f"place{place}")

        def die(wanted: Request = wanted, place: int = place) -> int:
            with dying_at(place):
                return train(wanted, echo=False)

        expect(child(die) == -signal.SIGKILL, f"place {place}: was not killed")
        expect(child(quietly(wanted)) == errors.DONE, f"place {place}: does not go on")
        expect(same(whole, wanted), f"place {place}: other bits")
    return {"places": places, "kills": len(tried)}


def damaged_checkpoint(scratch: Path, full: bool) -> Row:
    """last.ckpt truncated, with a bit flipped, empty: noticed, the one before is used, and it is said."""
    whole, _ = undisturbed(scratch)
    wanted = make(scratch / "damaged")

    def stop_at_eight() -> int:
        with mock.patch.object(Classifier, "update", stopping(Classifier.update, 8)):
            return train(wanted, echo=False)

    child(stop_at_eight)
    last, previous = wanted.folder / schema.LAST, wanted.folder / schema.PREVIOUS
    good, before = last.read_bytes(), previous.read_bytes()
    folder = {path: path.read_bytes() for path in wanted.folder.iterdir()}
    draw, noticed, resumed = random.Random(0), 0, 0
    damages = [good[: draw.randrange(1, len(good))] for _ in range(50)] + [b""]
    for _ in range(200):
        flipped = bytearray(good)
        flipped[draw.randrange(len(good))] ^= 1 << draw.randrange(8)
        damages.append(bytes(flipped))
    goes_on = set(range(len(damages))) if full else {0, 50, 51}
    for number, bad in enumerate(damages):
        last.write_bytes(bad)
        try:
            checkpoint.load(last)
        except checkpoint.Damaged:
            noticed += 1
        if number in goes_on:
            expect(child(quietly(wanted)) == errors.DONE, f"damage {number}: does not go on")
            expect(same(whole, wanted), f"damage {number}: other bits")
            expect("last.ckpt is damaged" in (wanted.folder / schema.LOG).read_text(), "not a word of it")
            resumed += 1
            for path, content in folder.items():
                path.write_bytes(content)
    expect(noticed == len(damages), f"{noticed} of {len(damages)} damages noticed")
    expect(before == previous.read_bytes(), "the checkpoint before was touched")
    last.write_bytes(b"")
    previous.write_bytes(b"")
    with open(os.devnull, "w") as nowhere, mock.patch("sys.stderr", nowhere):
        expect(child(quietly(wanted)) == 99, "both damaged, and it trains all the same")
    return {"damages": len(damages), "noticed": noticed, "gone on from the one before": resumed}


def stopping(update: Callable[..., None], step: int) -> Callable[..., None]:
    def call(self: Classifier, *arguments: Any) -> None:
        update(self, *arguments)
        if self.step + 1 == step:
            os.kill(os.getpid(), signal.SIGTERM)

    return call


def torn_records(scratch: Path, full: bool) -> Row:
    """record.json and curves.csv cut off at any byte: refused by name, or read as what was whole."""
    from degradation.runs import store
    from degradation.training.folder import read_record

    wanted, _ = undisturbed(scratch)
    refused = {}
    for name in (schema.RECORD, schema.CURVES):
        path = wanted.folder / name
        good = path.read_bytes()
        cuts = range(0, len(good), 1 if full else 97)
        refused[name] = 0
        for cut in cuts:
            path.write_bytes(good[:cut])
            try:
                store.load([wanted.folder])
                if name == schema.RECORD:
                    read_record(wanted.folder)
                expect(
                    good[cut:].strip() == b"", f"{name} cut at {cut} of {len(good)} bytes is taken as whole"
                )
            except errors.BadRequest as error:
                expect(name in str(error), f"{name} cut at {cut}: {error}")
                refused[name] += 1
        path.write_bytes(good)
    return {f"{name}: cuts refused by name": count for name, count in refused.items()}


def full_disk(scratch: Path, full: bool) -> Row:
    """A disk of 20 to 300 kB, one that can't be written: no partial file, and on it goes with more room."""
    whole, _ = undisturbed(scratch)
    disk = scratch / "disk"
    disk.mkdir()
    failed, went_on, sizes = 0, 0, range(20, 301, 10 if full else 80)
    for size in sizes:
        if os.system(f"mount -t tmpfs -o size={size}k tmpfs {disk} 2>/dev/null"):
            return {"skipped": "no right to mount a small disk here"}
        try:
            wanted = make(disk)
            with captured(scratch / "stderr"):
                code = child(quietly(wanted))
            said = (scratch / "stderr").read_text()
            if code != errors.DONE:
                failed += 1
                expect(code == errors.FAILED, f"{size} kB: exit code {code}")
                expect("No space left on device" in said, f"{size} kB: it says {said!r}")
                expect("Traceback" not in said, f"{size} kB: a traceback")
            whole_or_absent(wanted.folder)
            os.system(f"mount -o remount,ro {disk}")
            if code != errors.DONE:
                with captured(scratch / "stderr"):
                    expect(child(quietly(wanted)) == errors.FAILED, f"{size} kB, read-only: not a failure")
                expect("Read-only file system" in (scratch / "stderr").read_text(), "read-only: not said")
            os.system(f"mount -o remount,rw,size=10m {disk}")
            expect(child(quietly(wanted)) == errors.DONE, f"{size} kB: does not go on with more room")
            expect(same(whole, wanted), f"{size} kB: other bits")
            went_on += 1
        finally:
            os.system(f"umount {disk}")
    return {"disks": len(sizes), "too small": failed, "gone on with more room": went_on}


@contextmanager
def captured(path: Path) -> Iterator[None]:
    """What this process and its children write to stderr goes to a file."""
    before = os.dup(2)
    with path.open("wb") as file:
        os.dup2(file.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(before, 2)
            os.close(before)


def whole_or_absent(folder: Path) -> None:
    """Every file under a final name is whole; nothing else lies about."""
    if not folder.exists():
        return
    known = {
        schema.CONFIG,
        schema.CURVES,
        schema.RECORD,
        schema.LOG,
        schema.LOCK,
        schema.LAST,
        schema.PREVIOUS,
        schema.PROGRESS,
        schema.SIGNALS,
    }
    names = {path.name for path in folder.iterdir()}
    expect(names <= known, f"left behind: {names - known}")
    if schema.RECORD in names:
        read_json(folder / schema.RECORD)
    if schema.PROGRESS in names:
        read_json(folder / schema.PROGRESS)
    if schema.CONFIG in names:
        expect("model" in yaml.safe_load((folder / schema.CONFIG).read_text()), "config.yaml is torn")
    for name in names & {schema.LAST, schema.PREVIOUS}:
        checkpoint.load(folder / name)


TINY = [
    "data=shapes",
    "data.size=8",
    "data.count=96",
    "data.test_count=300",
    "model.width=4",
    "train.batch_size=16",
]
SWEEP = ["-m", "model=plain", "schedule.milestones=[0.5]", "experiment_name=swept"]
RHYTHM = ["train.evaluate_every=50", "train.checkpoint_every=5"]


def command(*arguments: str, cwd: Path) -> subprocess.Popen[bytes]:
    """`python scripts/train.py` as a user would start it."""
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        [sys.executable, str(ROOT / "scripts/train.py"), *arguments],
        cwd=cwd,
        env=env,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def kill_a_sweep(scratch: Path, full: bool) -> Row:
    """Whole commands: kill -9 a sweep and its networks; the same command finishes it, to the same report."""
    from degradation.reports import report

    depths = "8,14,20" if full else "8,14"
    swept = [*TINY, *SWEEP, *RHYTHM, f"model.depth={depths}", f"train.steps={1000 if full else 60}"]
    since = time.monotonic()
    (scratch / "whole").mkdir()
    expect(command(*swept, cwd=scratch / "whole").wait() == errors.DONE, "the undisturbed sweep failed")
    seconds, moments = time.monotonic() - since, random.Random(0)
    theirs = comparable(report.write([scratch / "whole/runs"], scratch / "whole")[0])
    left_alone = resumed = 0
    for number in range(10 if full else 1):
        folder = scratch / f"killed{number}"
        folder.mkdir()
        process = command(*swept, cwd=folder)
        time.sleep(moments.uniform(0.4 if not full else 0.1, 0.9) * seconds)
        for one in [*psutil.Process(process.pid).children(recursive=True), process]:
            one.kill()
        process.wait()
        records = {path: path.read_bytes() for path in folder.glob("runs/swept/*/record.json")}
        complete = {path: text for path, text in records.items() if b'"status": "complete"' in text}
        expect(command(*swept, cwd=folder).wait() == errors.DONE, f"sweep {number}: does not go on")
        expect(
            all(path.read_bytes() == text for path, text in complete.items()), "a complete run was touched"
        )
        left_alone, resumed = left_alone + len(complete), resumed + len(records) - len(complete)
        ours = comparable(report.write([folder / "runs"], folder)[0])
        expect(ours == theirs, f"sweep {number}: another report")
    return {"sweeps": number + 1, "complete runs left alone": left_alone, "runs gone on with": resumed}


def comparable(folder: Path) -> dict[str, str]:
    """A report's tables without the times."""
    tables = {name: pd.read_csv(folder / name) for name in ("table.csv", "runs.csv", "curves.csv")}
    return {
        name: table.drop(columns=list(schema.TIME_COLUMNS), errors="ignore").to_csv()
        for name, table in tables.items()
    }


def signals(scratch: Path, full: bool) -> Row:
    """Whole commands, on shapes at full size: SIGTERM and Ctrl-C write a checkpoint and exit within 5 s."""
    found: Row = {}
    for number, code in ((signal.SIGTERM, errors.TERMINATED), (signal.SIGINT, errors.INTERRUPTED)):
        slowest = 0.0
        for place in range(5 if full else 1):
            runs = scratch / f"{number.name}{place}"
            wanted = ("experiment=shapes", "model.depth=56", "train.checkpoint_every=100000", f"runs={runs}")
            process = command(*wanted, cwd=scratch)
            while not list(runs.glob("shapes/*/record.json")):
                expect(process.poll() is None, "it ended by itself")
                time.sleep(0.1)
            time.sleep(1 + 0.7 * place)
            since = time.monotonic()
            process.send_signal(number)
            expect(process.wait() == code, f"{number.name}: exit code {process.returncode}")
            slowest = max(slowest, time.monotonic() - since)
            (checkpointed,) = runs.glob("shapes/*/last.ckpt")
            expect(checkpoint.load(checkpointed)["classifier"]["step"] > 0, "nothing was saved")
        expect(slowest < 5, f"{number.name}: {slowest:.1f} s")
        found[f"{number.name}, slowest, s"] = round(slowest, 2)
    return found


SEVERAL = {"steps": 200, "evaluate_every": 20, "checkpoint_every": 4}
MOMENTS = 20  # of each scenario of sweeps


class Several:
    """A sweep of a few networks in a process of its own, and what undisturbed ones give."""

    def __init__(self, scratch: Path, count: int) -> None:
        self.scratch, self.count = scratch, count
        self.whole = [make(scratch / "whole", seed=seed, **SEVERAL) for seed in range(count)]
        since = time.monotonic()
        expect(ended(self.begin(self.whole)) == errors.DONE, f"the undisturbed sweep: {self.said()}")
        self.seconds = time.monotonic() - since

    def make(self, runs: Path) -> list[Request]:
        return [make(runs, seed=seed, **SEVERAL) for seed in range(self.count)]

    def begin(self, wanted: list[Request], name: str = "said") -> int:
        """Start it, two networks at once; what it says goes to a file."""

        def work() -> int:
            said = os.open(self.scratch / name, os.O_CREAT | os.O_WRONLY | os.O_TRUNC)
            os.dup2(said, 1)
            os.dup2(said, 2)
            with mock.patch.object(pool, "subprocess", FORKING):
                return sweep.sweep(wanted, at_once=2)

        return begun(work)

    def said(self, name: str = "said") -> str:
        return (self.scratch / name).read_text()

    def check(self, wanted: list[Request]) -> None:
        """The same command goes on, and gives the bits of the undisturbed ones."""
        expect(ended(self.begin(wanted)) == errors.DONE, f"does not go on: {self.said()}")
        for ours, theirs in zip(wanted, self.whole, strict=True):
            expect(same(ours, theirs), f"{ours.folder}: other bits")


def record(wanted: Request) -> Row:
    """A run's record; its status is None where there is none yet."""
    path = wanted.folder / schema.RECORD
    return read_json(path) if path.exists() else {"status": None}


def unwritable_in_a_sweep(scratch: Path, full: bool) -> Row:
    """A run folder of a sweep turns unwritable at a random moment: the other trains on, the one is named."""
    (scratch / "fixed").mkdir()
    if os.system(f"chattr +i {scratch}/fixed 2>/dev/null && chattr -i {scratch}/fixed"):
        return {"skipped": "chattr +i does nothing here"}
    several, moments = Several(scratch, 2), random.Random(0)
    met = 0
    for number in range(MOMENTS if full else 1):
        wanted = several.make(scratch / f"runs{number}")
        bad, good = random.Random(number).sample(wanted, 2)
        pid = several.begin(wanted)
        time.sleep(moments.uniform(0.05 if full else 0.5, 0.95 if full else 0.6) * several.seconds)
        bad.folder.mkdir(parents=True, exist_ok=True)
        os.system(f"chattr +i {bad.folder}")
        try:
            code, said, status = ended(pid), several.said(), record(bad)["status"]
            expect(record(good)["status"] == schema.COMPLETE, f"{number}: the other did not train on: {said}")
            if status == schema.COMPLETE:
                expect(code == errors.DONE, f"{number}: exit code {code}, and all are complete")
            else:
                met += 1
                named = [line for line in said.splitlines() if line.startswith(f"{bad.name}: failed: ")]
                expect(code == errors.FAILED, f"{number}: exit code {code}")
                expect(len(named) == 1 and "Operation not permitted" in named[0], f"{number}: says {said}")
                expect(status in (None, schema.RUNNING), f"{number}: the record says {status}")
                expect(holder(bad.folder / schema.LOCK) is None, f"{number}: it is still held")
        finally:
            os.system(f"chattr -i {bad.folder}")
        several.check(wanted)
    return {"moments": number + 1, "before it was complete, and named": met, "gone on": number + 1}


def full_disk_in_a_sweep(scratch: Path, full: bool) -> Row:
    """The disk of a sweep is filled up at a random moment: the records say that they failed, and why."""
    several, moments = Several(scratch, 3), random.Random(0)
    disk, statuses = scratch / "disk", {schema.FAILED: 0, schema.COMPLETE: 0, None: 0}
    disk.mkdir()
    for number in range(MOMENTS if full else 1):
        if os.system(f"mount -t tmpfs -o size=20m tmpfs {disk} 2>/dev/null"):
            return {"skipped": "no right to mount a small disk here"}
        try:
            wanted = several.make(disk)
            pid = several.begin(wanted)
            time.sleep(moments.uniform(0.05 if full else 0.4, 0.95 if full else 0.5) * several.seconds)
            code = filled_until_ended(disk / "filler", pid)
            records = [record(one) for one in wanted]
            for one, found in zip(wanted, records, strict=True):
                statuses[found["status"]] += 1  # no other may be there
                whole_or_absent(one.folder)
                if found["status"] == schema.FAILED:
                    why = found["message"]
                    expect("No space left on device" in why, f"{number}: {one.name} failed for {why}")
            complete = all(found["status"] == schema.COMPLETE for found in records)
            expect(code == (errors.DONE if complete else errors.FAILED), f"{number}: exit code {code}")
            (disk / "filler").unlink()
            several.check(wanted)
        finally:
            os.system(f"umount {disk}")
    return {
        "moments": number + 1,
        "records that say failed, and why": statuses[schema.FAILED],
        "complete": statuses[schema.COMPLETE],
        "not begun": statuses[None],
        "gone on with more room": number + 1,
    }


def filled_until_ended(filler: Path, pid: int) -> int:
    """Take each byte that becomes free on a disk, as another program might, until a process has ended."""
    with filler.open("ab", buffering=0) as file:
        while True:
            try:
                while file.write(bytes(4096)):
                    pass
            except OSError:
                time.sleep(0.002)
            done, status = os.waitpid(pid, os.WNOHANG)
            if done:
                return os.waitstatus_to_exitcode(status)


def two_sweeps(scratch: Path, full: bool) -> Row:
    """A second sweep on the same runs, at a random moment; each second time the first is then killed (-9)."""
    several, moments = Several(scratch, 3), random.Random(0)
    met, killed, codes = 0, 0, {errors.DONE: 0, errors.IN_USE: 0}
    for number in range(MOMENTS if full else 2):
        wanted, kill = several.make(scratch / f"runs{number}"), number % 2 == 1
        first = several.begin(wanted, "first")
        begins = moments.uniform(0.0, 0.9) * several.seconds
        time.sleep(begins)
        second = several.begin(wanted, "second")
        if kill:
            time.sleep(moments.uniform(0.1, 0.7) * (several.seconds - begins))
            os.kill(first, signal.SIGKILL)
        seen = watched(wanted, second)
        ends = [ended(first), ended(second)]
        killed += ends[0] == -signal.SIGKILL
        for code in ends if ends[0] != -signal.SIGKILL else ends[1:]:
            codes[code] += 1  # no other may come
        # Those of a killed sweep stop by themselves and are then interrupted, until the second takes them.
        lies = seen - {None, schema.RUNNING, schema.COMPLETE, *([schema.INTERRUPTED] if kill else [])}
        expect(not lies, f"{number}: a record said {lies}: {several.said('first')} {several.said('second')}")
        met += len(re.findall(r"^\[.*: in use: by process", several.said("second"), re.MULTILINE))
        for one in wanted:
            starts = (one.folder / schema.LOG).read_text().count(" steps on ") if one.folder.exists() else 0
            expect(starts == 1 or kill, f"{number}: {one.name} was begun {starts} times")
        several.check(wanted)
    return {
        "moments": number + 1,
        "first sweeps killed": killed,
        "networks found in use": met,
        "sweeps that ended with all complete": codes[errors.DONE],
        "sweeps that left some to the other": codes[errors.IN_USE],
    }


def watched(wanted: list[Request], pid: int) -> set[str | None]:
    """All that the runs' records say until a process ends; what was complete has to stay as it is."""
    seen: set[str | None] = set()
    complete: dict[int, Row] = {}
    while not os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT):
        for index, one in enumerate(wanted):
            found = record(one)
            seen.add(found["status"])
            if found["status"] == schema.COMPLETE:
                complete.setdefault(index, found)
            expect(complete.get(index, found) == found, f"{one.name} was complete, and then {found}")
        time.sleep(0.02)
    return seen


SCENARIOS: dict[str, Callable[[Path, bool], Row]] = {
    one.__name__: one
    for one in (
        kill_at_random,
        kill_everywhere,
        damaged_checkpoint,
        torn_records,
        full_disk,
        kill_a_sweep,
        unwritable_in_a_sweep,
        full_disk_in_a_sweep,
        two_sweeps,
        signals,
    )
}


def write(rows: dict[str, Row], out: Path) -> None:
    """The counts, with what they are; those of scenarios that were not run this time stay."""
    from degradation.reports import markdown
    from degradation.training.commit import commit
    from degradation.training.device import describe
    from degradation.training.provenance import versions

    out.mkdir(parents=True, exist_ok=True)
    path = out / "counts.json"
    counts = json.loads(path.read_text()) if path.exists() else {}
    for name, row in rows.items():
        if "skipped" in row:
            continue  # it held nothing
        counts[name] = {**row, "commit": commit(), "date": time.strftime("%Y-%m-%d")}
    path.write_text(json.dumps(counts, indent=1) + "\n")
    about = ("seconds", "commit", "date")
    found = ", ".join(f"{name} {version}" for name, version in versions().items())
    parts = [
        "# Reliability",
        "`python tests/reliability.py --full --out reports/reliability` breaks runs on purpose and compares "
        "what comes of them, bit by bit, with undisturbed ones; the test suite does so in a short form. "
        "Everything below held, or it would not stand here ([counts.json](counts.json)).",
        f"{describe(torch.device('cpu'))}; {found}.",
        markdown.table(
            ("scenario", "what", "counts", "seconds", "commit", "date"),
            [
                (
                    name,
                    str(SCENARIOS[name].__doc__),
                    "; ".join(f"{what}: {count}" for what, count in row.items() if what not in about),
                    *(str(row[key])[:10] for key in about),
                )
                for name, row in counts.items()
            ],
        ),
    ]
    (out / "README.md").write_text("\n\n".join(parts) + "\n")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--out", type=Path, help="where a README.md of the counts goes")
    parser.add_argument("scenarios", nargs="*", metavar="SCENARIO", help=", ".join(SCENARIOS))
    given = parser.parse_args()
    torch.set_num_threads(1)
    rows = {}
    for name in given.scenarios or SCENARIOS:
        since = time.monotonic()
        with tempfile.TemporaryDirectory() as scratch:
            rows[name] = SCENARIOS[name](Path(scratch), given.full)
        rows[name]["seconds"] = round(time.monotonic() - since, 1)
        print(name, rows[name], flush=True)
    if given.out:
        write(rows, given.out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
