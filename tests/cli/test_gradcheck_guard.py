"""sg gradcheck of code that ends the process, or never ends: that is never a success."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from sgcli.checks import apart
from tests.cli.run import Outcome, sg

# A definition is checked first by its mathematics, and these two by torch.
KINDS = {
    "definition": """
        import os, signal, sys, threading, time
        from sgcli.definitions import Definition, Param

        class Mine(Definition):
            \"""A sigmoid.\"""

            alpha = Param(1.0, domain="(0, inf)", typical=(0.5, 3.0))

            @staticmethod
            def primitive(m, x, alpha):
                return m.sigmoid(alpha * x)

            @staticmethod
            def derivative(m, x, alpha):
                {ending}
                return alpha * m.sigmoid(alpha * x) * m.sigmoid(-alpha * x)
        """,
    "autograd": """
        import os, signal, sys, threading, time
        import torch

        class Mine(torch.autograd.Function):
            @staticmethod
            def forward(ctx, x):
                ctx.save_for_backward(x)
                return (x >= 0).to(x)

            @staticmethod
            def backward(ctx, grad):
                {ending}
                return grad
        """,
    "module": """
        import os, signal, sys, threading, time
        from sgcli.surrogate import Sigmoid

        class Mine(Sigmoid):
            def forward(self, x):
                if x.numel() > 100:
                    {ending}
                return super().forward(x)
        """,
}
LIKE = {"definition": [], "autograd": ["--like", "sigmoid"], "module": ["--like", "sigmoid"]}
FOR_EVER = "threading.Thread(target=lambda: time.sleep(1000)).start()"

# What the code does, the exit status of sg and what it says.
ENDINGS = {
    "sys.exit(0)": (1, "SystemExit: 0"),
    "sys.exit(3)": (1, "SystemExit: 3"),
    f"{FOR_EVER}; sys.exit(0)": (1, "SystemExit: 0"),
    "os._exit(0)": (2, "mine.py:Mine{} ended the process with exit status 0 before its verdict"),
    "os._exit(7)": (2, "mine.py:Mine{} ended the process with exit status 7 before its verdict"),
    f"{FOR_EVER}; os._exit(0)": (2, "mine.py:Mine{} ended the process with exit status 0 before"),
    "os.kill(os.getpid(), signal.SIGSEGV)": (2, "mine.py:Mine{} ended the process with SIGSEGV"),
    "os.kill(os.getpid(), signal.SIGKILL)": (2, "mine.py:Mine{} ended the process with SIGKILL"),
    "raise type('Stop', (BaseException,), {})('at once')": (2, "mine.py:Mine{}: Stop: at once"),
    f"{FOR_EVER}; raise KeyboardInterrupt": (2, "mine.py:Mine{}: KeyboardInterrupt"),
    # Another process that holds all that the first one had open.
    "os.fork() or time.sleep(1000); os._exit(0)": (2, "mine.py:Mine{} ended the process with exit"),
    "while True: pass": (2, "mine.py:Mine{} did not finish "),
}
SLOWER = ("sys.exit(3)", "os._exit(7)", "os.kill(os.getpid(), signal.SIGKILL)")
QUICK = [("definition", ending) for ending in ENDINGS if ending not in SLOWER] + [
    ("autograd", "os._exit(0)"),
    ("module", "sys.exit(0)"),
]
SLOW = [(kind, ending) for kind in KINDS for ending in ENDINGS if (kind, ending) not in QUICK]


def write(kind: str, ending: str, name: str = "mine.py") -> None:
    text = textwrap.dedent(KINDS[kind])
    Path(name).write_text(text.replace("{ending}", ending))


def check_that_it_fails(capfd, kind: str, ending: str) -> None:
    write(kind, ending)
    status, says = ENDINGS[ending]
    # What imports torch as it is loaded needs some time for that.
    timeout = "30" if "while" not in ending else "2" if kind == "definition" else "15"
    args = ["mine.py:Mine", *LIKE[kind], "--dtype", "float32", "--timeout", timeout, "-q"]
    done = sg(capfd, "gradcheck", *args)
    assert (done.status, "Traceback" in done.err) == (status, False), done
    name = ",alpha=1" if kind == "definition" else ""
    if status == 1:
        assert f"FAILED  mine.py:Mine{name}  " in done.out
        assert says in done.out
    else:
        assert done.out == ""
        assert says.format(name) in done.err
        assert done.err.startswith("Error: ")


@pytest.fixture(autouse=True)
def _little_grace(monkeypatch) -> None:
    monkeypatch.setattr(apart, "GRACE", 1.0)


@pytest.mark.parametrize(("kind", "ending"), QUICK)
def test_code_that_ends_or_never_ends_has_no_success(capfd, kind, ending):
    check_that_it_fails(capfd, kind, ending)


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "ending"), SLOW)
def test_no_kind_of_object_that_ends_has_success(capfd, kind, ending):
    check_that_it_fails(capfd, kind, ending)


@pytest.mark.parametrize(
    ("ending", "says"),
    [
        ("sys.exit(0)", "mine.py does not import: SystemExit: 0 (line 2)"),
        ("os._exit(0)", "mine.py:Mine ended the process with exit status 0 before its verdict"),
        ("while True:\n    try:\n        pass\n    except BaseException:\n        pass", "finish"),
        ("raise GeneratorExit('no')", "mine.py:Mine: GeneratorExit: no"),
    ],
)
def test_a_file_that_ends_the_process_at_import_is_bad_input(capfd, ending, says):
    Path("mine.py").write_text(f"import os, sys\n{ending}\n")
    done = sg(capfd, "gradcheck", "mine.py:Mine", "--timeout", "1")
    assert (done.status, done.out) == (2, "")
    assert says in done.err


def test_the_file_of_the_truth_is_guarded_too(capfd):
    write("definition", "os._exit(0)", "truth.py")
    Path("loud.py").write_text("import os\nos._exit(0)\n")
    done = sg(capfd, "gradcheck", "sigmoid", "--like", "loud.py:Mine")
    assert (done.status, done.out) == (2, "")
    assert "loud.py:Mine ended the process with exit status 0" in done.err
    done = sg(capfd, "gradcheck", "sigmoid", "--like", "truth.py:Mine", "--dtype", "float32")
    assert (done.status, done.out) == (2, "")
    assert "sigmoid,alpha=4 ended the process with exit status 0" in done.err


def test_the_one_that_ends_the_process_is_named_and_not_those_before_it(capfd):
    for name, ending in (("good", "pass"), ("bad", "os._exit(0)")):
        write("definition", ending, f"{name}.py")
    done = sg(capfd, "gradcheck", "good.py", "bad.py", "--quick", "-q")
    assert (done.status, done.out) == (2, "")
    assert done.err.startswith("Error: bad.py:Mine,alpha=1 ended the process")
    fine = sg(capfd, "gradcheck", "good.py", "sigmoid", "--quick")
    assert (fine.status, fine.out.count("pass")) == (0, 2)


def test_what_it_writes_itself_is_no_result(capfd):
    line = json.dumps(["done", {"reports": [], "errors": {}}])
    write("definition", f"os.write(1, {line.encode()!r} + b'\\n')", "mine.py")
    done = sg(capfd, "gradcheck", "mine.py", "--quick", "--format", "json")
    assert json.loads(done.out)["reports"][0]["surrogate"] == "mine.py:Mine,alpha=1"
    assert line in done.err


def test_a_thread_that_lives_on_keeps_nobody_waiting(capfd):
    started = time.monotonic()
    write("definition", f"threading.active_count() > 5 or {FOR_EVER}")
    assert sg(capfd, "gradcheck", "mine.py", "--quick").status == 0
    assert time.monotonic() - started < 60


def test_junit_figures_and_formats_are_as_without_a_process(capfd):
    write("definition", "pass")
    Path("mine.py").write_text("print('from within')\n" + Path("mine.py").read_text())
    files = ["--junit", "r.xml", "--plot", "errors", "--dtype", "float32"]
    done = sg(capfd, "gradcheck", "mine.py:Mine,alpha=2", *files, "--format", "csv")
    assert (done.status, done.out.splitlines()[0][:15]) == (0, "surrogate,check")
    assert "from within" in done.err
    assert "  mine.py:Mine,alpha=2: ok\n" in done.err
    assert 'name="mine.py:Mine,alpha=2"' in Path("r.xml").read_text()
    assert [p.read_bytes()[:4] for p in Path("errors").iterdir()] == [b"\x89PNG"]


def test_what_raises_has_no_figure_but_a_verdict(capfd):
    write("autograd", "raise ValueError('seven')")
    args = ["--like", "sigmoid", "--dtype", "float32", "--plot", "errors"]
    done = sg(capfd, "gradcheck", "mine.py:Mine", *args)
    assert (done.status, "FAILED  mine.py:Mine  backward float32" in done.out) == (1, True)
    assert "no figure of mine.py:Mine: ValueError: seven" in done.err
    assert "Error" not in done.err.replace("ValueError", "")


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_the_process_ends_with_the_command(stop):
    write("definition", "open('pid', 'w').write(str(os.getpid())); time.sleep(1000)")
    command = [sys.executable, "-m", "sgcli", "gradcheck", "mine.py", "--timeout", "900"]
    parent = subprocess.Popen(command, stderr=subprocess.DEVNULL, env=_environment())
    while not Path("pid").exists() or not Path("pid").read_text():
        assert parent.poll() is None
        time.sleep(0.05)
    parent.send_signal(stop)
    assert parent.wait(30) == (130 if stop is signal.SIGINT else -stop)
    child, until = int(Path("pid").read_text()), time.monotonic() + 30
    while _runs(child):
        assert time.monotonic() < until
        time.sleep(0.05)


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    # One whose parent has gone may be left as a zombie where nobody waits for it.
    status = Path(f"/proc/{process}/stat")
    return not status.exists() or status.read_text().rpartition(")")[2].split()[0] != "Z"


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}


def test_neither_a_name_nor_a_formula_needs_a_process(capfd, monkeypatch):
    def started(*args: object) -> Outcome:
        raise AssertionError("a process was started")

    monkeypatch.setattr(apart, "run", started)
    assert sg(capfd, "gradcheck", "sigmoid", "rect", "--quick").status == 0
    assert sg(capfd, "gradcheck", "formula:exp(-x*x)", "--quick").status == 0
    assert sg(capfd, "gradcheck", "--formula", "exp(-x*x)", "--quick").status == 0


def test_the_parent_imports_no_torch_for_a_file():
    write("definition", "pass")
    command = ["gradcheck", "mine.py:Mine,alpha=2", "--dtype", "float32", "-q"]
    code = (
        f"import sys; from sgcli.cli.main import main; status = main({command}); "
        "sys.exit(9 if 'torch' in sys.modules else status)"
    )
    assert subprocess.run([sys.executable, "-c", code], env=_environment()).returncode == 0
