"""From the table of runs and the table of curves to what they show: pure functions, no files, no pictures."""
