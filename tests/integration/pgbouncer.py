"""A private pgbouncer in transaction mode before a private PostgreSQL: each transaction may meet another backend."""
import pwd
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

import psycopg
from postgres_cluster import PASSWORD, free_port, unprivileged_user
from waiting import wait_until


class Bouncer:
    def __init__(self, database, pool_size=3):
        self.database, self.port = database, free_port()
        self.folder = Path(tempfile.mkdtemp(prefix="sqs2pg-bouncer-"))
        self.user = unprivileged_user()
        (self.folder / "users.txt").write_text(f'"{database.role}" "{PASSWORD}"\n')
        self.settings = self.folder / "pgbouncer.ini"
        self.settings.write_text(
            f"[databases]\n{database.name} = host=127.0.0.1 port={database.cluster.port}\n"
            f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {self.port}\nunix_socket_dir =\n"
            f"auth_type = scram-sha-256\nauth_file = {self.folder}/users.txt\npool_mode = transaction\n"
            f"default_pool_size = {pool_size}\nserver_round_robin = 1\nadmin_users = {database.role}\n")
        if self.user:
            for path in (self.folder, *self.folder.iterdir()):
                shutil.chown(path, self.user)
        self._process = None

    def start(self):
        as_user = {"user": self.user, "group": pwd.getpwnam(self.user).pw_gid, "extra_groups": []} if self.user else {}
        program = shutil.which("pgbouncer", path="/usr/sbin:/usr/bin:/usr/local/bin")
        assert program, "no pgbouncer here: ./dev setup test installs it"
        with open(self.folder / "log", "ab") as log:
            self._process = subprocess.Popen([program, self.settings], stdout=log, stderr=log, cwd="/", **as_user)
        wait_until(self._answers, "pgbouncer to accept connections", 20)
        return self

    def _answers(self):
        try:
            psycopg.connect(self.url()).close()
            return True
        except psycopg.OperationalError:
            assert self._process.poll() is None, (self.folder / "log").read_text()[-2000:]
            return False

    def url(self):
        return self.database.tcp_url(port=self.port)

    def backends(self):
        """How many backends of its own it has used for the role's transactions."""
        with psycopg.connect(self.database.tcp_url(port=self.port, database="pgbouncer"), autocommit=True) as admin:
            return len(admin.execute("SHOW SERVERS").fetchall())

    def kill(self):
        self._process.send_signal(signal.SIGKILL)
        self._process.wait(10)

    def stop(self):
        if self._process and self._process.poll() is None:
            self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)
