"""The studies of sg compare, one file each; which options each of them takes is in modes.py."""
