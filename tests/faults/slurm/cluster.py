"""A SLURM of one node on this machine, for as long as a test needs it: installed, started, asked, and stopped again.

`python -m tests.faults.slurm.cluster start` prints what to export; `status` and `stop` find it by the same folder.
"""

from __future__ import annotations

import os
import pwd
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

PACKAGES: Mapping[str, str] = {  # by the program that is missed without it
    "munged": "munge",
    "slurmctld": "slurmctld",
    "slurmd": "slurmd",
    "sbatch": "slurm-client",
}
DAEMONS = ("slurmd", "slurmctld", "munged")  # in the order in which they are stopped
CPUS = 2
PATIENCE = 30.0  # seconds until what should have happened has not

# Requeued jobs wait until their credential has expired, by default two minutes; five seconds are the least there is.
# pgid: a task's processes are ended with their group. Where there are control groups, a cluster tracks jobs by these.
CONFIGURATION = """\
ClusterName=faults
SlurmctldHost=localhost(127.0.0.1)
SlurmctldPort={controller_port}
SlurmdPort={node_port}
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket,cred_expire=5
CredType=cred/munge
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/log/slurmctld.log
SlurmdLogFile={folder}/log/slurmd.log
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
MailProg=/bin/true
ProctrackType=proctrack/pgid
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/none
SwitchType=switch/none
MpiDefault=none
SchedulerType=sched/builtin
SchedulerParameters=sched_interval=1,sched_min_interval=0,batch_sched_delay=0
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
JobRequeue=1
KillWait=2
SlurmdTimeout=5
ReturnToService=2
SlurmdParameters=config_overrides
NodeName=localhost NodeAddr=127.0.0.1 CPUs={cpus} RealMemory=1000 State=UNKNOWN
PartitionName=all Nodes=localhost Default=YES MaxTime=60 State=UP
PartitionName=first Nodes=localhost PriorityTier=10 MaxTime=60 State=UP
"""


class Unavailable(Exception):
    """There can be no SLURM here; the text says why, and what would help."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """A SLURM of one node, which keeps everything it writes in one folder; its path has to be short."""

    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        """What has to be exported so that sbatch and its like speak to this cluster."""
        return {"SLURM_CONF": str(self.folder / "slurm.conf")}

    def start(self) -> None:
        """Start the daemons and wait until the node is idle; raise Unavailable where that can not be."""
        install()
        if any(self._running(name) for name in DAEMONS):
            raise Unavailable(f"a cluster runs in {self.folder} already; stop it first")
        self._write()
        key, seed, log = self.folder / "munge.key", self.folder / "munge.seed", self.folder / "log" / "munged.log"
        places = (f"--key-file={key}", f"--seed-file={seed}", f"--log-file={log}")
        try:
            self._daemon("munged", f"--socket={self.folder}/munge.socket", f"--pid-file={self._pid('munged')}", *places)
            self._daemon("slurmctld")
            self._daemon("slurmd", "-N", "localhost")
            if not _wait(lambda: self.state() == "idle"):
                raise Unavailable(f"the node is {self.state() or 'silent'} and not idle:\n{self.logs()}")
        except BaseException:
            self.stop()
            raise

    def state(self) -> str:
        """Return what the node is doing: idle, mixed, allocated, down, ...; empty where nobody answers."""
        said = self._ask("sinfo", "--noheader", "--partition=all", "--format=%T")
        return said.strip()

    def run(self, *command: str | Path, **more: str) -> str:
        """Run a command of SLURM's with this cluster and return what it printed; `more` adds to its environment."""
        said = subprocess.run(
            command, env=os.environ | self.environment | more, capture_output=True, text=True, timeout=PATIENCE
        )
        if said.returncode:
            raise RuntimeError(f"{' '.join(map(str, command))}: {said.stdout}{said.stderr}")
        return said.stdout

    def processes(self, job: int | None = None) -> list[int]:
        """Return the process ids of one job on the node, or of all."""
        said = self._ask("scontrol", "listpids", *([str(job)] if job is not None else []))
        return [int(line.split()[0]) for line in said.splitlines()[1:]]

    def stop(self) -> None:
        """Cancel the jobs and end the daemons; safe to call however far the start came."""
        if self._running("slurmctld"):
            self._ask("scancel", *self._ask("squeue", "--noheader", "--format=%A").split())
            _wait(lambda: not self._ask("squeue", "--noheader"))
        if self._running("slurmd"):
            for pid in self.processes():
                _signal(pid, signal.SIGKILL)
        for name in DAEMONS:
            self._end(name)

    def logs(self, lines: int = 20) -> str:
        """Return how each log ends."""
        ends = []
        for log in sorted((self.folder / "log").glob("*.log")):
            ends += [f"{log.name}:", *log.read_text(errors="replace").splitlines()[-lines:]]
        return "\n".join(ends)

    def _write(self) -> None:
        for inside in ("state", "spool", "log"):
            shutil.rmtree(self.folder / inside, ignore_errors=True)  # an earlier cluster's jobs are not this one's
            (self.folder / inside).mkdir(parents=True)
        self.folder.chmod(0o755)  # munge wants its socket where everybody can reach it
        key = self.folder / "munge.key"
        key.touch(mode=0o600)
        key.write_bytes(os.urandom(128))
        controller_port, node_port = _free_ports(2)
        text = CONFIGURATION.format(
            folder=self.folder,
            user=pwd.getpwuid(os.getuid()).pw_name,
            controller_port=controller_port,
            node_port=node_port,
            cpus=CPUS,
        )
        (self.folder / "slurm.conf").write_text(text)

    def _daemon(self, name: str, *options: str) -> None:
        with (self.folder / "log" / f"{name}.start.log").open("w") as said:
            command = [_program(name) or name, *options]
            surroundings = os.environ | self.environment
            left = subprocess.run(command, env=surroundings, stdin=subprocess.DEVNULL, stdout=said, stderr=said)
        if left.returncode or not _wait(lambda: self._running(name) is not None):
            raise Unavailable(f"{name} does not start here:\n{self.logs()}")

    def _end(self, name: str) -> None:
        pid = self._running(name)
        if pid is not None:
            _signal(pid, signal.SIGTERM)
            if not _wait(lambda: self._running(name) is None):
                _signal(pid, signal.SIGKILL)

    def _ask(self, *command: str) -> str:
        said = subprocess.run(command, env=os.environ | self.environment, capture_output=True, text=True)
        return said.stdout if said.returncode == 0 else ""

    def _pid(self, name: str) -> Path:
        return self.folder / f"{name}.pid"

    def _running(self, name: str) -> int | None:
        """Return the process id of a daemon of this cluster, or None where it does not run."""
        try:
            pid = int(self._pid(name).read_text())
            command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[0].decode()  # empty once it has ended
        except (OSError, ValueError):
            return None
        return pid if Path(command).name == name else None


def install() -> None:
    """Install what is missing, with Debian's packages, or raise Unavailable with what stands in the way."""
    missing = [package for program, package in PACKAGES.items() if _program(program) is None]
    if not missing:
        return
    wanted = " ".join(missing)
    if shutil.which("apt-get") is None:
        raise Unavailable(f"no SLURM here: {wanted} missing, and no apt-get to install it with")
    if os.geteuid() != 0:
        raise Unavailable(f"no SLURM here: say, as root, apt-get install {wanted}")
    quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update"], ["install", "--yes", "--no-install-recommends", *missing]):
        apt = ["apt-get", "-qq", "-o", "Acquire::http::Timeout=20", *command]
        said = subprocess.run(apt, env=quiet, capture_output=True, text=True)
        if said.returncode:
            reason = (said.stdout + said.stderr)[-500:].strip()
            raise Unavailable(f"no SLURM here: apt-get {command[0]} failed: {reason}")


def _program(name: str) -> str | None:
    """Return where a program lies; daemons are not on everybody's path."""
    return shutil.which(name) or shutil.which(name, path="/usr/sbin:/sbin:/usr/local/sbin")


def _free_ports(number: int) -> list[int]:
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(number)]
        for door in sockets:
            door.bind(("127.0.0.1", 0))
        return [door.getsockname()[1] for door in sockets]


def _signal(pid: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):  # it may have ended by itself
        os.kill(pid, number)


def _wait(happened: Callable[[], bool]) -> bool:
    """Return whether something happened before patience ran out."""
    end = time.monotonic() + PATIENCE
    while not happened():
        if time.monotonic() > end:
            return False
        time.sleep(0.1)
    return True


def main(command: str, folder: str = f"{tempfile.gettempdir()}/willing-slurm") -> None:
    """Start, stop or describe the cluster in a folder, and say what came of it."""
    cluster = Cluster(Path(folder).absolute())
    if command == "start":
        try:
            cluster.start()
        except Unavailable as reason:
            sys.exit(str(reason))
        print("\n".join(f"export {name}={shlex.quote(value)}" for name, value in cluster.environment.items()))
    elif command == "stop":
        cluster.stop()
    elif command == "status":
        print(cluster.state() or "no cluster runs there")
    else:
        sys.exit("start, stop or status; then the folder, if not the usual one")


if __name__ == "__main__":
    main(*sys.argv[1:3] or [""])
