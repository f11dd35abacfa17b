"""What the pages correct in the write-ups: the numbers in them are those of the code and of the reports."""

import re

import torch
from conftest import ROOT
from torch import nn

from degradation.models import build_model
from degradation.models.blocks import Block, Bottleneck
from degradation.models.count import parameters


def page(name: str) -> str:
    """A page as one line."""
    return " ".join((ROOT / name).read_text().split())


def weights(block: nn.Module) -> int:
    return sum(one.weight.numel() for one in block.modules() if isinstance(one, nn.Conv2d))


def test_gradients_do_not_vanish() -> None:
    """The number on the page is that of the claims, which a program fills in."""
    row = re.search(r"\| Gradients vanish.*", (ROOT / "docs/claims.md").read_text())
    assert row is not None and "**contradicted here**" in row[0]
    value = re.search(r"(\d\.\d+) \(95% interval (\d\.\d+) to (\d\.\d+)\)", row[0])
    assert value is not None and float(value[2]) > 0  # a power of ten above 0: they grow on their way back
    assert f"by {value[0]} powers of ten" in page("docs/models/residual.md")


def test_without_its_shortcut_a_block_is_the_plain_one() -> None:
    """W2 s(W1 x) is F; the paper adds x. What that does is the README's finding, which a program fills in."""
    torch.manual_seed(0)
    plain, residual = Block(4, 4, 1, "none").eval(), Block(4, 4, 1, "A").eval()
    residual.load_state_dict(plain.state_dict())
    x = torch.randn(2, 4, 8, 8)
    branch = plain.branch(x)
    assert torch.equal(plain(x), torch.relu(branch)) and torch.equal(residual(x), torch.relu(branch + x))
    row = next(line for line in (ROOT / "README.md").read_text().splitlines() if "**[shapes_seeds]" in line)
    cells = [cell.strip() for cell in row.split("|")]
    without, bound, seeds = cells[3].replace(")", "").replace("(", ";").split(";")
    said = page("docs/models/residual.md")
    assert f"{without}points (95% interval {bound}, above zero in {seeds.strip()} seeds) without the" in said
    assert f"by {cells[4].split(' (')[0]} points with it" in said


def test_padding_does_not_keep_the_size_at_stride_2() -> None:
    images = torch.empty(1, 3, 224, 224, device="meta")

    def side(stride: int, padding: int) -> int:
        out: torch.Tensor = nn.Conv2d(3, 64, 7, stride, padding, device="meta")(images)
        return out.shape[-1]

    assert [side(1, 3), side(2, 3), side(2, 0)] == [224, 112, 109]
    said = page("docs/models/resnet_imagenet.md")
    assert "112 of 224 pixels at stride 2. Without padding it were 109." in said


def test_parameters_do_not_jump_at_50_layers() -> None:
    with torch.device("meta"):
        counts = [
            parameters(build_model("resnet_imagenet", depth=depth, num_classes=1000)) for depth in (34, 50)
        ]
        bottleneck, pair = (weights(one) for one in (Bottleneck(256, 64, 1, "A"), Block(256, 256, 1, "A")))
    more, times = round(100 * (counts[1] / counts[0] - 1)), round(pair / bottleneck)
    said = page("docs/models/bottleneck.md")
    assert f"{counts[0]:,} at 34 layers, {counts[1]:,} at 50, {more}% more" in said
    assert f"{bottleneck:,} weights; a pair of 3x3 layers has {pair:,}, {times} times as many" in said


def test_what_is_not_testable_takes_as_many_operations_as_is_said() -> None:
    row = r"\| residual-(\d+) \| \| 32x32 \| [\d,]+ \| ([\d,]+) \|"
    counts = {
        int(depth): int(count.replace(",", ""))
        for depth, count in re.findall(row, page("docs/models/residual.md"))
    }
    said = f"ResNet-1202 takes {counts[1202] / counts[56]:.0f} times the operations of ResNet-56"
    assert said in page("docs/claims.md")
