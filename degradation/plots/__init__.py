"""From tables to matplotlib figures; nothing is computed here but where things stand."""
