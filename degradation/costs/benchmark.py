"""Times this suite against the usual way, in turns, with the machine's own limits beside."""

import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from degradation.config.request import Request
from degradation.costs.benchmark_table import ALONE
from degradation.costs.workers import Workers

Found = dict[str, Any]


@dataclass(frozen=True)
class Plan:
    """What is timed.

    Attributes:
        networks: the requests whose speed is asked for; the batch size is theirs.
        rounds: how often each is timed.
        steps: how many steps warm up, and how many are timed, on both sides.
        workers: numbers of DataLoader processes that the usual way may choose from.
        cores: processes of this suite at a time on a CPU; 0: on a GPU, where all networks are one group.
        small: everything as short as can be, to see that it works.
    """

    networks: Sequence[Request]
    rounds: int
    steps: tuple[int, int]
    workers: Sequence[int]
    cores: int
    small: bool = False


@dataclass
class Measured:
    """Rows, one a round and network, and what is said once.

    Attributes:
        rows: `round`, `network` (`all`: the eight together), `usual` and `suite` (images/s), `ratio`,
            `flops` of training on an image, `share` of the bf16 limit that the suite reaches with them,
            `convolutions`: images/s if there were nothing but those, each kernel called alone, and
            `convolutions_<pass>` (see `benchmark_table.PASSES`) if there were only that pass of them,
            `outside`: the part of its time outside forward, backward and optimizer.
        facts: machine, versions, commit, the usual way's best setting and all that were tried, limits.
    """

    rows: list[Found] = field(default_factory=list)
    facts: Found = field(default_factory=dict)


def measure(plan: Plan, say: Callable[[str], None]) -> Measured:
    """Time everything; takes minutes.

    Raises:
        RuntimeError: a worker failed; says how.
    """
    measured, since = Measured(), time.monotonic()
    with Workers(max(plan.cores, 1)) as team:
        measured.facts = team.first({"kind": "describe", "requests": mappings(plan.networks[:1])})
        best, tried = choose(plan, team, say)
        measured.facts.update(
            usual=best, usual_tried=tried, batch_size=plan.networks[0].settings.train.batch_size
        )
        measured.facts.update(steps=plan.steps, rounds=plan.rounds, processes=plan.cores, limits=[])
        for number in range(1, plan.rounds + 1):
            limit = team.first({"kind": "limits", "accelerator": _accelerator(plan), "small": plan.small})
            measured.facts["limits"].append(limit)
            rows = []
            for network in plan.networks:
                rows.append(_row(number, network, plan, team, best, limit))
                done = (number - 1) * len(plan.networks) + len(rows)
                left = (time.monotonic() - since) * (plan.rounds * len(plan.networks) / done - 1)
                say(_words(rows[-1]) + f"; about {left / 60:.0f} min left")
            rows.append(_all(number, rows, plan, team, limit))
            say(_words(rows[-1]))
            measured.rows += rows
        if plan.cores == 0:
            measured.facts["usual_without_tf32"] = {
                name(one): _usual(one, plan, team, {**best, "tf32": False}) for one in plan.networks
            }
    return measured


def choose(plan: Plan, team: Workers, say: Callable[[str], None]) -> tuple[Found, list[Found]]:
    """The usual way's fastest setting, over the shallowest and the deepest network together."""
    depths = [one.settings.model.depth for one in plan.networks]
    ends = [plan.networks[depths.index(min(depths))], plan.networks[depths.index(max(depths))]]
    tried = []
    for threads in sorted({1, os.cpu_count() or 1}):
        for workers in plan.workers:
            setting: Found = {"threads": threads, "workers": workers, "tf32": True}
            rates = [_usual(one, plan, team, setting) for one in ends]
            tried.append({**setting, **{name(one): rate for one, rate in zip(ends, rates, strict=True)}})
            tried[-1]["seconds"] = sum(1 / rate for rate in rates)
            rates_said = ", ".join(f"{name(one)} {rate:.0f}" for one, rate in zip(ends, rates, strict=True))
            say(f"usual way, {threads} threads, {workers} workers: {rates_said} images/s")
    best = min(tried, key=lambda one: one["seconds"])
    return {key: best[key] for key in ("threads", "workers", "tf32")}, tried


def _row(number: int, network: Request, plan: Plan, team: Workers, best: Found, limit: Found) -> Found:
    """One network in one round; which way goes first changes from round to round."""
    ways = {
        "usual": lambda: {"usual": _usual(network, plan, team, best)},
        "suite": lambda: _suite([network], plan, team),
    }
    found: Found = {}
    for way in sorted(ways, reverse=bool(number % 2)):
        found.update(ways[way]())
    found.update(_convolutions(network, plan, team))
    return _with_shares({"round": number, "network": name(network), **found}, limit)


def _all(number: int, rows: Sequence[Found], plan: Plan, team: Workers, limit: Found) -> Found:
    """All networks, the same steps each: from their rates, or measured where they train as a group."""
    found = {"round": number, "network": "all"}
    for way in ("usual", "suite", *ALONE.values()):
        found[way] = len(rows) / sum(1 / row[way] for row in rows)
    found["flops"] = sum(row["flops"] for row in rows) / len(rows)
    if plan.cores == 0:
        found.update(_suite(plan.networks, plan, team))
    return _with_shares(found, limit)


def _with_shares(row: Found, limit: Found) -> Found:
    row["ratio"] = row["suite"] / row["usual"]
    row["share"] = row["flops"] * row["suite"] / limit["bf16_flops"]
    return row


def _usual(network: Request, plan: Plan, team: Workers, setting: Found) -> float:
    """Images/s of the usual way: one process, which has the machine to itself."""
    job = {"kind": "usual", "requests": mappings([network]), "steps": plan.steps, **setting}
    return _images(network, plan) / team.first(job)["seconds"]


def _suite(networks: Sequence[Request], plan: Plan, team: Workers) -> Found:
    """Images/s of this suite: on a CPU as many processes at a time as cores, as in a sweep."""
    job = {"kind": "suite", "requests": mappings(networks), "steps": plan.steps}
    answers = team.together([job] * max(plan.cores, 1))
    images = sum(_images(one, plan) for one in networks) * len(answers)
    slowest = max(answer.pop("seconds") for answer in answers)
    return {**answers[0], "suite": images / slowest}


def _convolutions(network: Request, plan: Plan, team: Workers) -> dict[str, float]:
    """Images/s if there were nothing but convolutions, on as many processes as `_suite` has."""
    job = {"kind": "convolutions", "requests": mappings([network])}
    answers = team.together([job] * max(plan.cores, 1))
    images = network.settings.train.batch_size * len(answers)
    return {name: images / max(answer[key] for answer in answers) for key, name in ALONE.items()}


def _images(network: Request, plan: Plan) -> int:
    return network.settings.train.batch_size * plan.steps[1]


def _accelerator(plan: Plan) -> str:
    return plan.networks[0].settings.trainer.accelerator


def name(network: Request) -> str:
    return f"{network.settings.model.family}-{network.settings.model.depth}"


def mappings(networks: Sequence[Request]) -> list[Mapping[str, Any]]:
    return [one.to_mapping() for one in networks]


def _words(row: Found) -> str:
    rates = f"usual {row['usual']:.0f}, this suite {row['suite']:.0f} images/s"
    place = f"round {row['round']}, {row['network']}"
    return f"{place}: {rates}, {row['ratio']:.2f} times, {100 * row['share']:.0f}% of the limit"
