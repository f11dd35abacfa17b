"""Time this suite against the usual way: python scripts/benchmark.py [--smoke] [--rounds N] [KEY=VALUE]"""

import argparse
import sys
from pathlib import Path

from hydra.errors import HydraException
from omegaconf.errors import OmegaConfBaseException

from degradation.cli.parser import Parser
from degradation.errors import BAD_REQUEST, DONE, FAILED, BadRequest
from hydra_plugins.degradation_plugins import compose, explain

DATA = ["experiment=paper", "data=shapes", "data.size=32"]  # what the images show costs nothing


def main() -> int:
    parser = Parser(prog="benchmark.py", description=__doc__)
    parser.add_argument("--smoke", action="store_true", help="in a minute, only to see that it works")
    parser.add_argument("--rounds", type=int, default=3, help="how often each network is timed (default: 3)")
    parser.add_argument("--out", type=Path, default=Path("reports"), help="default: reports")
    parser.add_argument("keys", metavar="KEY=VALUE", nargs="*", help="config keys, as for scripts/train.py")
    try:
        return run(parser.parse_args())
    except (BadRequest, HydraException, OmegaConfBaseException) as error:
        print(f"benchmark.py: {explain(error)}", file=sys.stderr)
        return BAD_REQUEST
    except (RuntimeError, OSError) as error:
        print(f"benchmark.py: {error}", file=sys.stderr)
        return FAILED


def run(given: argparse.Namespace) -> int:
    if given.rounds < 1:
        raise BadRequest(f"--rounds {given.rounds}: at least 1")
    from degradation.costs import benchmark, benchmark_report
    from degradation.sweeps import sweep
    from degradation.training.device import choose_accelerator

    (first,) = compose([[*DATA, *given.keys]])
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


if __name__ == "__main__":
    sys.exit(main())
