"""How some networks were built when earlier commits trained them: what a report of such runs has to say."""

# Commits that made runs before some networks got their published forms; their runs are told as such.
EARLIER = ("97b0451", "ee613ca", "c24f19e", "c37c53d")
CHANGED = {  # family -> its form then
    "preact": "the first block's shortcut read the stem's output before BN and ReLU",
    "stochastic_depth": "its shortcut took every second pixel where the shape changes (`A`)",
    "fractalnet": "the columns of a block were joined first and pooled then, and layers that drop-path left "
    "out moved their BN statistics",
    "squeezenet": "its version v1.0 was the `torchvision` of now",
}
