"""``python -m sgcli`` does everything that ``sg`` does."""

import sys

from sgcli.cli.main import main

sys.exit(main())
