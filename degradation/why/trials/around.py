"""Around: how far does the good place reach, and does another optimizer keep it?

What is known: a deep plain network can be made that is as good as a shallow one, and SGD that begins there
leaves it (`witness.py`). If it matters where the search begins, runs that begin near that place end lower
than fresh ones, and the less so, the farther away. Here each filter of the witness is moved in a random
direction by a tenth of its length, by three tenths, and by its whole length. If the fault is the optimizer's,
networks that another one has trained keep what they are given: each change is asked for itself, from its own
shallow network, with its own optimizer. And if shortcuts cure because they make that place easy to keep, a
deep residual network that begins at the witness of its shallow one ends no higher than that one. There noise
moves the shallow network's own layers only: what it adds in an added block is still multiplied by 0.

A filter that was moved by its whole length is longer by four tenths, so a step of SGD turns it half as much;
noise that is larger still would be a lower learning rate, too.
"""

SIZES = (0.0, 0.1, 0.3, 1.0)  # of the noise, in norms of each filter; 0 is the witness itself
