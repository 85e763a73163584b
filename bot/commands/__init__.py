"""What the longer commands do, behind `cli.py`."""
