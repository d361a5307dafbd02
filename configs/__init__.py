"""Default settings and protocols as TOML; installed as ``sgcli.configs``."""
