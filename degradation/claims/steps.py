"""Claims on short training: how last layer and learning rate begin, the optimizer, what more steps change."""

from degradation.claims.claim import NEVER, Claim, Errors, Group, Why, deep_minus_shallow

LINEAR, SMALL = "linear_cifar10", " (init=small_linear)"
OURS = Group(
    "A choice of ours: how the last layer begins",
    (f"python scripts/train.py -m experiment={LINEAR}",),
    (
        Claim(
            "He's initial values in the linear layer, too, slow a deep residual network down.",
            "a doubt about this suite, where the paper is silent",
            (Errors(LINEAR, ("residual-56",), (f"residual-56{SMALL}",)),),
        ),
        Claim(
            "With smaller ones plain networks degrade all the same.",
            "the same",
            (deep_minus_shallow(LINEAR, "plain", SMALL),),
        ),
        Claim(
            "With smaller ones depth pays for residual networks, even in training this short.",
            "the same",
            (deep_minus_shallow(LINEAR, "residual", SMALL),),
            low=NEVER,
            high=0.0,
        ),
    ),
)
SLOWLY, WARM = "warmup_cifar10", " (warmup.lr=0.01, warmup.steps=50)"
WARMUP = Group(
    "Whether a slow start is the learning rate's",
    (f"python scripts/train.py -m experiment={SLOWLY}",),
    (
        Claim(
            "A warm-up helps a deep residual network.",
            "after He et al. 2015, section 4.2, of ResNet-110, which starts sooner with it and ends alike",
            (Errors(SLOWLY, ("residual-56",), (f"residual-56{WARM}",)),),
        ),
        Claim(
            "With it depth pays for residual networks, even in training this short.",
            "a doubt about this suite, where 56 layers with shortcuts are behind 20",
            (deep_minus_shallow(SLOWLY, "residual", WARM),),
            low=NEVER,
            high=0.0,
        ),
        Claim(
            "With it plain networks degrade all the same.",
            "the same",
            (deep_minus_shallow(SLOWLY, "plain", WARM),),
        ),
    ),
)
ADAM, RATES = "adam_cifar10", tuple(f" (Adam, lr={rate})" for rate in (0.001, 0.003))
OPTIMIZER = Group(
    "Whether it is SGD's",
    (f"python scripts/train.py -m experiment={ADAM}",),
    (
        Claim(
            "Adam trains a deep plain network better than SGD does.",
            "what a class asks first; its steps are about as long in every layer, whatever the gradient",
            tuple(Errors(ADAM, ("plain-56",), (f"plain-56{rate}",)) for rate in RATES),
            why="SGD has no warm-up here, which it could do with: see above.",
        ),
        Claim(
            "With Adam plain networks degrade all the same.",
            "a doubt about this suite, where all networks are trained by SGD",
            tuple(deep_minus_shallow(ADAM, "plain", rate) for rate in RATES),
        ),
        Claim(
            "With Adam shortcuts help a deep network all the same.",
            "the same",
            tuple(Errors(ADAM, (f"plain-56{rate}",), (f"residual-56{rate}",)) for rate in RATES),
        ),
    ),
)
LONGER, SHAPES = "budgets_cifar10", "budgets_shapes"
BUDGETS = ("", " (steps=2340)", " (steps=4680)", " (steps=9360)")
MOST = BUDGETS[-1]
BEYOND = "training error at the most steps, beyond the shallowest's at the fewest (points)"
RATE = "rate b of clean error ~ steps^-b over the budgets"
CONJECTURE = "He et al. 2015, section 4.1 (as a conjecture, of exponentially more steps)"
READ_INTO = "read into that conjecture; footnote 3 there saw no cure in three times the steps"


STEPS = Group(
    "Given more steps",
    (
        f"python scripts/train.py -m experiment={LONGER},{SHAPES}",
        f"python scripts/why.py runs/{LONGER} --only budgets",
        f"python scripts/why.py runs/{SHAPES} --only budgets",
    ),
    (
        Claim(
            "With shortcuts the deeper network has the lower training error.",
            "He et al. 2015, section 4.2, Fig. 6",
            tuple(deep_minus_shallow(LONGER, "residual", budget) for budget in BUDGETS),
            low=NEVER,
            high=0.0,
        ),
        Claim(
            "With shortcuts the deeper network has the lower test error.",
            "He et al. 2015, section 4.2, Table 6",
            tuple(deep_minus_shallow(LONGER, "residual", budget, "test_error") for budget in BUDGETS),
            low=NEVER,
            high=0.0,
        ),
        Claim(
            "A deeper plain network has the higher training error, after two to eight times the steps too.",
            "He et al. 2015, section 4.1",
            tuple(deep_minus_shallow(LONGER, "plain", budget) for budget in BUDGETS[1:]),
        ),
        Claim(
            "Eight times the steps bring a plain network of 56 layers nearer to one of 20.",
            READ_INTO,
            (Errors(LONGER, ("plain-56", f"plain-20{MOST}"), ("plain-20", f"plain-56{MOST}")),),
        ),
        Claim(
            "The deeper a plain network, the less its error falls with more steps.",
            CONJECTURE,
            (Why(f"{LONGER}_why", "budgets", RATE, "growth"),),
            low=NEVER,
            high=0.0,
        ),
        Claim(
            "With shortcuts it falls the more, the deeper the network.",
            "He et al. 2015, section 4.2, Fig. 6",
            (Why(f"{LONGER}_why", "budgets", RATE, "growth", family="residual"),),
        ),
        Claim(
            "It is only slow: with eight times the steps (on the shapes four) the deep one reaches the "
            "shallow one's error.",
            READ_INTO,
            tuple(Why(f"{name}_why", "budgets", BEYOND, "mean") for name in (LONGER, SHAPES)),
            low=NEVER,
            high=0.0,
            why="Eight times are not exponentially many.",
        ),
    ),
)
