"""A sweep through Slurm, of whose jobs one is killed and some are preempted.

tests/with_slurm.sh python tests/slurm_sweep.py
"""

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(Path(__file__).parent)]

from forked import script  # noqa: E402
from reliability import comparable, expect  # noqa: E402

from degradation.reports import report  # noqa: E402

TRAIN = str(ROOT / "scripts/train.py")
SWEEP = ["-m", "experiment=smoke", "model.depth=8,14", "train.steps=400"]
OPTIONS = ("timeout_min=10", "mem_gb=null", "cpus_per_task=1", "gpus_per_node=null", "slurm_partition=low")
SLURM = ["hydra/launcher=slurm", *(f"hydra.launcher.options.{option}" for option in OPTIONS)]

LONGEST = 900  # seconds for a sweep of less than two minutes: .ci/run tests beside it


def sweep(*arguments: str, cwd: Path) -> subprocess.Popen[bytes]:
    """The sweep's command in a folder; what it says goes to `said` there."""
    command = [sys.executable, TRAIN, *SWEEP, *arguments]
    with (cwd / "said").open("wb") as said:
        env = {**os.environ, "PYTHONPATH": str(ROOT)}
        return subprocess.Popen(command, cwd=cwd, env=env, stdout=said, stderr=subprocess.STDOUT)


def finish(process: subprocess.Popen[bytes], cwd: Path, code: int) -> str:
    """Wait for a sweep, without the two minutes that Slurm lets a job wait which it has queued again."""
    end = time.monotonic() + LONGEST
    while process.poll() is None:
        expect(time.monotonic() < end, f"the sweep takes too long: {(cwd / 'said').read_text()}")
        waiting = subprocess.run(["squeue", "-h", "-t", "PD", "-o", "%A"], capture_output=True, text=True)
        for job in waiting.stdout.split():
            subprocess.run(["scontrol", "update", f"JobId={job}", "StartTime=now"], capture_output=True)
        time.sleep(2)
    said = (cwd / "said").read_text()
    print(said)
    expect(process.returncode == code, f"exit code {process.returncode}, not {code}")
    return said


def wait_for(what: str, fact: Callable[[], bool], seconds: float = 300) -> None:
    end = time.monotonic() + seconds
    while not fact():
        expect(time.monotonic() < end, f"waited {seconds:.0f} s for {what}")
        time.sleep(0.2)


def process_of(run: Path) -> int:
    """The process that trains in a run folder."""
    (number,) = re.findall(r"process (\d+)", (run / "lock").read_text())
    return int(number)


def slurm_job(process: int) -> str:
    """The number of the Slurm job that a process belongs to."""
    variables = Path(f"/proc/{process}/environ").read_bytes().split(b"\0")
    (job,) = (one.partition(b"=")[2] for one in variables if one.startswith(b"SLURM_JOB_ID="))
    return job.decode()


def state(job: str) -> str:
    """What Slurm says of a job that it still has; empty of one that has ended."""
    asked = subprocess.run(["squeue", "-h", "-j", job, "-o", "%T"], capture_output=True, text=True)
    return asked.stdout.strip()


def cancelled(folder: Path) -> None:
    """Ctrl-C cancels the jobs, which save first."""
    folder.mkdir()
    process = sweep(*SLURM, "train.steps=10000", cwd=folder)
    runs = folder / "runs/smoke"
    wait_for("two running jobs", lambda: len(list(runs.glob("*/last.ckpt"))) >= 2)
    process.send_signal(signal.SIGINT)
    said = finish(process, folder, 130)
    ends = re.findall(r"^\S+-seed0: (interrupted.+)$", said, re.MULTILINE)
    expect(
        ends == 2 * ["interrupted: stopped by SIGTERM"] and "2 of 4 networks were not started" in said,
        f"the jobs were not asked to stop, or the waiting ones were not cancelled: {said}",
    )


def main() -> int:
    with tempfile.TemporaryDirectory() as scratch:
        there, here = Path(scratch) / "there", Path(scratch) / "here"
        there.mkdir()
        here.mkdir()
        first = sweep(*SLURM, "fresh=true", cwd=there)  # which a job that is queued again doesn't heed
        runs = there / "runs/smoke"
        wait_for("two running jobs", lambda: len(list(runs.glob("*/last.ckpt"))) >= 2)
        killed, preempted = sorted(path.parent for path in runs.glob("*/last.ckpt"))[:2]
        os.kill(process_of(preempted), signal.SIGSTOP)  # or it may have ended before Slurm asks it to
        job = slurm_job(process_of(killed))
        os.kill(process_of(killed), signal.SIGKILL)
        wait_for("the killed job's end", lambda: state(job) != "RUNNING")
        urgent = ["sbatch", "-p", "high", "-n", "2", "-o", "/dev/null", "--wrap", "sleep 2"]
        subprocess.run(urgent, check=True, cwd=scratch, stdout=subprocess.DEVNULL)
        said = finish(first, there, 1)
        expect(f"{killed.name}: failed: its job ended as" in said, "the killed network is not named")
        log = (preempted / "log.txt").read_text()
        expect("stopped by SIGTERM" in log, "the preempted one was not asked to stop")
        expect("resumed at step" in log, "the preempted one did not go on")
        expect(not (runs / ".aside").exists(), "the preempted one was moved aside")
        finish(sweep(*SLURM, cwd=there), there, 0)
        cancelled(Path(scratch) / "cancelled")
        expect(script((TRAIN, *SWEEP), here, {}).returncode == 0, "the sweep without Slurm failed")
        ours, theirs = (comparable(report.write([folder / "runs"], folder)[0]) for folder in (there, here))
        expect(ours == theirs, "another report than that of a sweep without Slurm")
    print("a sweep through Slurm, one job preempted, one killed: the report whole; another sweep cancelled")
    return 0


if __name__ == "__main__":
    sys.exit(main())
