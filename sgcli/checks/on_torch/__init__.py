"""The checks that need torch, which they import; :mod:`sgcli.checks.crossing` leads here."""
