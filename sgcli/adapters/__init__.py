"""Our surrogates inside other libraries' neurons, and theirs as ours."""

from sgcli.adapters.norse import from_norse as from_norse
from sgcli.adapters.norse import norse_step as norse_step
from sgcli.adapters.ours import Ours as Ours
from sgcli.adapters.sinabs import from_sinabs as from_sinabs
from sgcli.adapters.sinabs import to_sinabs as to_sinabs
from sgcli.adapters.snntorch import from_snntorch as from_snntorch
from sgcli.adapters.snntorch import to_snntorch as to_snntorch
from sgcli.adapters.spikingjelly import from_spikingjelly as from_spikingjelly
from sgcli.adapters.spikingjelly import to_spikingjelly as to_spikingjelly
