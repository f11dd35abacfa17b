"""How fast this suite trains, beside the usual way, on this machine."""

from argparse import Namespace

from degradation.cli.parser import Parser, call
from degradation.errors import DONE, BadRequest
from degradation.files import check_report_folder

DATA = ["experiment=paper", "data=shapes", "data.size=32"]  # what the images show costs nothing


def parser() -> Parser:
    made = Parser(description=__doc__)
    made.add_argument("--rounds", type=int, default=3, help="how often each network is timed (default: 3)")
    made.add_argument("keys", metavar="KEY=VALUE", nargs="*", help="config keys, as for training")
    made.add_out()
    made.add_smoke()
    return made


def run(given: Namespace) -> int:
    if given.rounds < 1:
        raise BadRequest(f"--rounds {given.rounds}: at least 1")
    from degradation.cli.compose import compose

    (first,) = compose([[*DATA, *given.keys]])  # refused now: torch takes seconds, and timing minutes
    check_report_folder(given.out / "benchmark")
    from degradation.costs import benchmark, benchmark_report
    from degradation.sweeps import sweep
    from degradation.training.device import choose_accelerator

    gpu = choose_accelerator(first.settings.trainer.accelerator) == "cuda"
    keys = [*DATA, "data.count=100", "data.test_count=10", "train.batch_size=8"] if given.smoke else DATA
    keys = [*keys, "train.engine=fast"] if gpu else keys
    pairs = [(f"model={family}", depth) for depth in (20, 32, 44, 56) for family in ("plain", "residual")]
    networks = compose([[*keys, family, f"model.depth={depth}", *given.keys] for family, depth in pairs])
    steps = (100, 200) if gpu else (1, 2) if given.smoke else (2, 10)
    rounds, workers = (1, (0,)) if given.smoke else (given.rounds, (0, 2, 4, 8) if gpu else (0, 1, 2))
    plan = benchmark.Plan(networks, rounds, steps, workers, 0 if gpu else sweep.cores(), given.smoke)
    print(benchmark_report.write(benchmark.measure(plan, lambda line: print(line, flush=True)), given.out))
    return DONE


def main() -> int:
    return call(parser(), run)
