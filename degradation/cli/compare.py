"""What every network costs: parameters, operations, memory, times; and its errors where runs exist."""

from argparse import Namespace

from degradation.cli.parser import Parser, call
from degradation.errors import DONE, BadRequest


def parser() -> Parser:
    made = Parser(description=__doc__)
    made.add_runs("runs or reports whose errors are shown (default: the reports under --out)")
    made.add_out()
    made.add_argument("--minutes", type=float, default=60, help="stop measuring after so long (default: 60)")
    made.add_argument("--rounds", type=int, help="measure everything so often (default: 3; --published: 5)")
    made.add_argument("--accelerator", default="auto", choices=("auto", "cpu", "gpu", "cuda", "mps"))
    made.add_argument(
        "--again", action="store_true", help="measure nothing: the costs of the last time, the errors of now"
    )
    made.add_argument(
        "--published",
        action="store_true",
        help="all of torchvision's networks, with what is published of them",
    )
    made.add_smoke()
    return made


def run(given: Namespace) -> int:
    if not given.minutes > 0:
        raise BadRequest(f"--minutes {given.minutes:g}: above 0")
    if given.rounds is not None and given.rounds < 1:
        raise BadRequest(f"--rounds {given.rounds}: at least 1")
    if given.published:
        return run_published(given)
    from degradation.costs import compare, compare_report, networks
    from degradation.costs.found import Found
    from degradation.sweeps import sweep
    from degradation.training.device import choose_accelerator

    experiments = compare_report.prepare(given.runs, given.out)  # refused now, not after half an hour
    if given.again:
        print(compare_report.write(compare_report.read(given.out), experiments, given.out))
        return DONE
    chosen = networks.SMALL if given.smoke else networks.NETWORKS
    kind = choose_accelerator(given.accelerator)
    rounds = given.rounds or (1 if given.smoke else compare.ROUNDS)
    plan = compare.Plan(chosen, kind, sweep.cores(), given.minutes, rounds, 2 if given.smoke else None)
    found = Found(given.out / compare_report.FOLDER, kind, plan)
    tell(len(found.rows))
    measured = compare.measure(plan, found, lambda line: print(line, flush=True))
    print(compare_report.write(measured, experiments, given.out))
    found.forget()
    return DONE


def run_published(given: Namespace) -> int:
    """Of torchvision's networks; on a CPU."""
    from degradation.costs import published, published_report
    from degradation.costs.found import Found
    from degradation.sweeps import sweep

    published_report.check(given.out)
    if given.again:
        print(published_report.write(*published_report.read(given.out), given.out))
        return DONE
    threads = sweep.cores()
    rows = published.published()
    rows = rows[rows["network"].isin(published.FEW)] if given.smoke else rows
    rounds = given.rounds or (2 if given.smoke else published.ROUNDS)
    asked = (list(rows["network"]), threads, given.minutes, rounds)
    found = Found(given.out / published_report.FOLDER, "cpu", *asked)
    tell(len(found.rows))
    table = published.measure(
        rows, threads, given.minutes, rounds, found, lambda line: print(line, flush=True)
    )
    facts = published.facts(threads, rounds, found.seconds())
    print(published_report.write(table, facts, given.out))
    found.forget()
    return DONE


def tell(measured: int) -> None:
    """That an earlier start has measured some."""
    if measured:
        print(f"{measured} were measured before this command was stopped: it goes on", flush=True)


def main() -> int:
    return call(parser(), run, "the same command goes on behind what was measured")
