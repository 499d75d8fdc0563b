"""`./dev bench`: every row of the table of aims, measured in one run on one machine. It starts in __main__.py; rows.py
lists the rows in their order, each measured by a module named measure_*.py."""
