"""Claims on what networks take: parameters, operations, memory, time."""

from degradation.claims.claim import Claim, Cost, Group

LECTURE = "lecture 9, comparing complexity"
OTHERS = ("alexnet", "googlenet", "inception_v3")
COMPLEXITY = Group(
    "What networks take",
    ("python scripts/compare.py",),
    (
        Claim(
            "The plain network of 34 layers has 18% of VGG-19's operations.",
            "He et al. 2015, section 3.3; a write-up",
            (Cost("multiply_adds", ("plain_resnet_imagenet-34",), ("vgg19",)),),
            low=0.95 * 0.18,
            high=1.05 * 0.18,
        ),
        Claim(
            "ResNet-152 has fewer operations than VGG-16.",
            "He et al. 2015, section 4.1",
            (Cost("multiply_adds", ("resnet_imagenet-152",), ("vgg16",)),),
            high=1.0,
        ),
        Claim(
            "With bottlenecks 50 layers take about the operations of 34 without.",
            "He et al. 2015, section 4.1",
            (Cost("multiply_adds", ("resnet_imagenet-50",), ("resnet_imagenet-34",)),),
            low=0.9,
            high=1.1,
        ),
        Claim(
            "From 50 layers on the parameters grow sharply: more than from 18 to 34 layers.",
            "lecture 9",
            (
                Cost(
                    "parameters",
                    ("resnet_imagenet-50", "resnet_imagenet-18"),
                    ("resnet_imagenet-34", "resnet_imagenet-34"),
                ),
            ),
            low=1.0,
            why="Bottlenecks are there so that they don't.",
        ),
        Claim(
            "VGG does the most operations: more than twice those of any other of its time.",
            LECTURE,
            tuple(Cost("multiply_adds", ("vgg16",), (other,)) for other in OTHERS),
            low=2.0,
        ),
        Claim(
            "GoogLeNet is among the most efficient: fewer parameters and operations than ResNet-50.",
            LECTURE,
            (
                Cost("parameters", ("googlenet",), ("resnet_imagenet-50",)),
                Cost("multiply_adds", ("googlenet",), ("resnet_imagenet-50",)),
            ),
            high=1.0,
        ),
        Claim(
            "AlexNet takes few operations, but not little memory: more parameters than ResNet-50.",
            LECTURE,
            (Cost("parameters", ("alexnet",), ("resnet_imagenet-50",)),),
            low=1.0,
        ),
        Claim(
            "SqueezeNet has 50 times fewer parameters than AlexNet.",
            "Iandola et al. 2016; lecture 9",
            (Cost("parameters", ("alexnet",), ("squeezenet-18 version=v1.0",)),),
            low=0.95 * 50,
            high=1.05 * 50,
        ),
        Claim(
            "Of ResNeXt's three equal forms (c), grouped convolutions, is the fastest.",
            "Xie et al. 2017, section 4; the write-up on ResNeXt",
            tuple(
                Cost(column, (f"resnext-29 width=16 form={form}",), ("resnext-29 width=16 form=c",))
                for column in ("training_one", "training_batch")
                for form in ("a", "b")
            ),
            low=1.0,
        ),
        Claim(
            "Of about as many parameters a wide network trains faster than a thin one of 1,001 layers.",
            "Zagoruyko and Komodakis 2016, section 3, Fig. 4",
            (Cost("training_one", ("preact-1001 block=bottleneck",), ("wide-40 widen=4",)),),
            low=1.0,
            why="On the paper's GPU it is 8 times.",
        ),
        Claim(
            "The power that a forward pass draws differs from network to network.",
            "lecture 9, after Canziani et al. 2016",
            (),
            why="No counter of energy may be read on the machine that measured.",
        ),
        Claim(
            "Inception-v4 is the most accurate, ResNets come close.",
            LECTURE,
            (),
            why="It is about ImageNet, too much for two CPU cores.",
        ),
    ),
)
