"""Wrong requests: exit code 2, one line that says what is wrong and what would be right, nothing written."""

import runpy
import sys
from pathlib import Path

import pytest
from conftest import ROOT
from fake_runs import fake_run
from hydra.core.global_hydra import GlobalHydra

CONFIG = [
    ("model.depth=21", "model.depth=21: residual networks have 6n+2 layers, the nearest: 20 and 26"),
    ("model.depth=2", "6n+2 layers"),
    ("model.depth=-4", "6n+2 layers"),
    ("model.depth=20.5", "a whole number"),
    ("model.depth=twenty", "a whole number"),
    ("model.depth=null", "a whole number"),
    ("model.depth", "missing EQUAL"),
    ("model=zzz", "Could not find 'model/zzz'"),
    ("model.family=zzz", "not one of plain, residual"),
    ("model.shortcut=D", "take A or B or C"),
    ("model=plain model.shortcut=A", "plain networks take none"),
    ("model.width=0", "at least 1"),
    ("model=plain_stochastic_depth", "a plain network can't drop blocks: without a shortcut nothing passes"),
    ("model=preact model.block=wide", "model.block=wide: one of basic, bottleneck"),
    ("model=preact model.block=bottleneck model.depth=110.5", "a whole number"),
    ("model=preact model.block=bottleneck model.depth=112", "9n+2 layers, the nearest: 110 and 119"),
    ("model.stride_at=1x1", "model.stride_at: not a key of the network that is chosen"),
    ("+model.stride_at=1x1", "residual networks don't take this key"),
    ("model=resnext model.cardinality=0", "from 1 to 4096"),
    ("model=stochastic_depth model.survival=1.5", "model.survival=1.5: from 0 to 1"),
    ("model=fractalnet model.depth=24", "5 times a power of two layers, the nearest: 20 and 40"),
    ("model=resnet_imagenet model.depth=20", "18, 34, 50, 101 or 152 layers, the nearest: 18 and 34"),
    ("model=squeezenet model.version=2", "text belongs here"),
    ("model=fractalnet data=shapes", "data.size=16: fractalnet networks halve images too often; at least 32"),
    ("model.init=zzz", "model.init=zzz: one of orthogonal, looks_linear"),
    ("model=plain model.init=zero_last_bn", "without shortcuts nothing passes such a block"),
    ("model.init=looks_linear model.width=7", "mirrors one half of the filters"),
    ("model=plain model.skip_scale=0.5", "plain networks have no shortcut to scale"),
    ("model.skip_scale=2", "model.skip_scale=2: from 0 to 1"),
    ("model=preact +model.init=dirac", "only plain and residual networks take this key"),
    ("model.norm=group", "model.norm=group: one of none, skipinit, fixup"),
    ("model=plain model.norm=fixup", "without shortcuts nothing passes a branch that begins as 0"),
    ("model.norm=fixup model.init=dirac", "model.norm=fixup has initial values of its own"),
    ("model.width=-16", "at least 1"),
    ("data=mnist", "Could not find 'data/mnist'"),
    ("data.name=mnist", "one of cifar10, shapes"),
    ("data.subset=50001", "from 1 to 50000"),
    ("data.subset=0", "from 1 to 50000"),
    ("data.test_subset=10001", "from 1 to 10000"),
    ("data.mean=[0.5,0.5]", "data.mean=[0.5, 0.5]: one number, or one for each of 3 colours"),
    ("data.mean=[125]", "data.mean=125: from 0 to 1"),
    ("data.std=[0.2]", "data.std: goes with data.mean"),
    ("data.mean=[0.5] data.std=[0]", "data.std=0: a finite number above 0"),
    ("start=nowhere.ckpt", "start=nowhere.ckpt: No such file or directory: name a checkpoint (last.ckpt)"),
    ("data.seed=-1", "from 0 to 9223372036854775807"),
    ("data.seed=18446744073709551616", "from 0 to 9223372036854775807"),
    ("data.size=12", "data.size=12: 16 or 8; null is 32, as they are"),
    ("data=shapes data.root=x", "not a key of the data set that is chosen"),
    ("data=shapes data.size=4", "from 8 to 256"),
    ("data=shapes data.count=0", "from 1 to 10000000"),
    ("data=shapes data.test_count=0", "from 1 to 10000000"),
    ("data=shapes data.count=10000000000000", "from 1 to 10000000"),
    ("data=shapes data.count=10000000 data.size=256", "takes 53745 GB of memory, and this machine has"),
    ("-m data=shapes data.count=10000000 data.size=256 seed=0,1", "fewer, or a smaller data.size"),
    ("data=shapes data.subset=2001", "from 1 to 2000"),
    ("data=folder data.size=4", "from 8 to 512"),
    ("data=folder data.count=5", "not a key of the data set that is chosen"),
    ("data=folder data.root=nowhere", "data.root=nowhere: not there: data.root or DEGRADATION_FOLDER names"),
    ("train.steps=0", "at least 1"),
    ("train.steps=-5", "at least 1"),
    ("train.steps=1e3", "a whole number"),
    ("train.steps=many", "a whole number"),
    ("train.batch_size=0", "at least 1"),
    ("train.batch_size=-1", "at least 1"),
    ("train.evaluate_every=0", "at least 1"),
    ("train.evaluate_train_every=0", "at least 1"),
    ("train.signals_every=0", "at least 1"),
    ("train.signals_every=10 train.engine=fast", "train.signals_every=10: only with train.engine=plain"),
    ("train.keep_every=0", "at least 1"),
    ("train.checkpoint_every=0", "at least 1"),
    ("train.max_minutes=0", "above 0"),
    ("train.max_minutes=-1", "above 0"),
    ("train.threads=0", "from 1 to 1024"),
    ("train.threads=100000", "from 1 to 1024"),
    ("train.precision=float16", "one of float32, bf16"),
    ("train.engine=warp", "one of plain, fast"),
    ("train.compile=default", "only with train.engine=fast"),
    ("train.engine=fast train.compile=o3", "one of none, default"),
    ("train.stpes=5", "train.stpes: no such key; did you mean train.steps?"),
    ("+train.stpes=5", "no such key"),
    ("~train.steps", "train.steps"),
    ("optimizer.lr=0", "above 0"),
    ("optimizer.lr=-0.1", "above 0"),
    ("optimizer.lr=nan", "a finite number above 0"),
    ("optimizer.lr=inf", "a finite number above 0"),
    ("optimizer.lr=fast", "a number"),
    ("optimizer.momentum=1.5", "from 0 to 1"),
    ("optimizer.weight_decay=-1", "from 0 to 1"),
    ("schedule.milestones=0.5", "a list"),
    ("schedule.milestones=[0]", "above 0"),
    ("schedule.milestones=[1.5]", "a whole step, or a fraction below 1"),
    ("schedule.gamma=0", "above 0"),
    ("schedule.warmup.steps=5", "needs its learning rate"),
    ("schedule.warmup.lr=0.01", "just one of the two"),
    ("schedule.warmup.lr=0.01 schedule.warmup.steps=5 schedule.warmup.until_error=80", "just one of the two"),
    ("seed=-1", "from 0 to"),
    ("seed=x", "a whole number"),
    ("experiment=zzz", "Could not find 'experiment/zzz'"),
    ("experiment_name=../up", "one folder's name"),
    ("experiment_name=a/b", "one folder's name"),
    ("experiment_name=.hidden", "one folder's name"),
    ("experiment_name=''", "one folder's name"),
    ("runs=''", "name a folder"),
    ("trainer.accelerator=tpu", "one of auto, cpu, gpu, cuda, mps"),
    ("trainer.accelerator=mps", "this machine does not have it; auto takes what it has"),
    ("trainer.devices=0", "at least 1"),
    ("trainer.devices=2 train.engine=fast", "takes train.engine=plain"),
    ("fresh=perhaps", "true or false"),
    ("data.root=nowhere data.verify=false", "nowhere/cifar-10-batches-py/data_batch_1: not there"),
    ("data.root=nowhere data.download=false", "put the official"),
    ("hydra.run.dir=../elsewhere", "run folders lie under runs=; leave it out"),
    ("-m experiment=smoke --cfg job", "-m --cfg: one at a time"),
    ("--cfg=job --info model.depth=20", "--cfg=job --info: one at a time"),
    ("-m model=plain,zzz", "Could not find 'model/zzz'"),
    ("-m data=shapes model.depth=20,21", "model.depth=21"),
    ("-m data=shapes seed=0,1 hydra.launcher.at_once=-1", "at_once=-1: a whole number, at least 1"),
    ("-m data=shapes seed=0,1 hydra.launcher.at_once=0", "at_once=0: a whole number, at least 1"),
    ("-m data=shapes seed=0,1 hydra.launcher.at_once=two", "at_once=two: a whole number, at least 1"),
    (
        "-m data=shapes hydra/launcher=slurm hydra.launcher.max_timeouts=few",
        "max_timeouts=few: a whole number",
    ),
    ("-m experiment=smoke,zzz", "Could not find 'experiment/zzz'"),
    ("-m data=shapes seed=0,0", "comes twice in this sweep"),
    ("-m data=shapes seed=0,1 train.steps=0", "at least 1"),
    ("-m data.root=nowhere data.verify=false seed=0,1", "data_batch_1: not there"),
]


def run(script: str, arguments: list[str], monkeypatch: pytest.MonkeyPatch) -> int:
    """The exit code of a script, run in this process: a start of Python a case would take minutes."""
    GlobalHydra.instance().clear()
    monkeypatch.setattr(sys, "argv", [script, *arguments])
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(str(ROOT / "scripts" / script), run_name="__main__")
    return int(ended.value.code or 0)


def refused(capsys: pytest.CaptureFixture[str], message: str) -> None:
    said = capsys.readouterr()
    assert message in said.err
    assert said.err.count("\n") == 1
    assert said.out == ""


@pytest.mark.parametrize(("arguments", "message"), CONFIG, ids=lambda text: text[:50])
def test_config(
    arguments: str,
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run("train.py", arguments.replace("''", "").split(), monkeypatch) == 2
    refused(capsys, message)
    assert list(tmp_path.iterdir()) == []


def test_there_are_sixty() -> None:
    assert len({arguments for arguments, _ in CONFIG}) >= 60


def snapshot(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def spoil(folder: Path, name: str, content: str | bytes | None) -> None:
    path = folder / name
    if content is None:
        path.unlink()
    else:
        path.write_bytes(content.encode() if isinstance(content, str) else content)


RUN_FOLDERS = [
    ("record.json", "", "record.json: damaged"),
    ("record.json", "[]", "record.json: damaged (not a JSON table)"),
    ("record.json", b"\xff\xfe", "record.json: damaged"),
    ("record.json", "{}", "record.json: lacks run, experiment_name"),
    ("curves.csv", "", "curves.csv"),
    ("curves.csv", "step,epoch\n1,2\n", "curves.csv"),
    ("curves.csv", "\x00" * 100, "curves.csv"),
    ("curves.csv", None, "curves.csv"),
]


@pytest.mark.parametrize(("name", "content", "message"), RUN_FOLDERS, ids=str)
def test_run_folders(
    name: str,
    content: str | bytes | None,
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    fake_run(tmp_path / "runs/shapes")
    spoil(fake_run(tmp_path / "runs/shapes", depth=56), name, content)
    before = snapshot(tmp_path)
    assert run("plot_curves.py", [], monkeypatch) == 2
    refused(capsys, message)
    assert snapshot(tmp_path) == before
