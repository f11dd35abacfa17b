"""What the commands share: words on a command line -> a call (parser.py)."""
