"""Why do more layers make a plain network worse on its own training set, and why do shortcuts cure it?"""

__version__ = "0.1.0"
