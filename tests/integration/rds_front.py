"""What Amazon RDS does at its door, before a private PostgreSQL: TLS only, and a password that is a presigned
`rds-db:connect`, checked by making the same signature with botocore. Behind it everything goes through untouched."""
import asyncio
import datetime
import ssl
import struct
import subprocess
import threading
import urllib.parse

from botocore.auth import SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

SSL_REQUEST = struct.pack("!ii", 8, 80877103)


def make_certificate(folder):
    """A certificate authority and a certificate of it for localhost; paths of both and of the key."""
    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], check=True, capture_output=True, cwd=folder)
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key", "-out", "ca.pem", "-days", "2",
            "-subj", "/CN=a test's authority")
    openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", "db.key", "-out", "db.csr", "-subj", "/CN=localhost")
    (folder / "ext").write_text("subjectAltName=DNS:localhost\n")
    openssl("x509", "-req", "-in", "db.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-out", "db.pem",
            "-days", "2", "-extfile", "ext")
    return folder / "ca.pem", folder / "db.pem", folder / "db.key"


class RdsFront:
    def __init__(self, folder, database, secrets, region):
        """`secrets`: access key id -> secret; what is not in it is refused."""
        self.database, self.secrets, self.region = database, secrets, region
        self.ca, certificate, key = make_certificate(folder)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate, key)
        self.seen, self.refused, self.plain = [], 0, 0
        self.loop = asyncio.new_event_loop()
        self.port = 0
        started = threading.Event()
        self.thread = threading.Thread(target=self._run, args=(started,), daemon=True)
        self.thread.start()
        assert started.wait(10)

    def _run(self, started):
        asyncio.set_event_loop(self.loop)
        server = self.loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self.port = server.sockets[0].getsockname()[1]
        started.set()
        self.loop.run_forever()

    def stop(self):
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)

    def url(self, role, more=""):
        return (f"postgresql://{role}@localhost:{self.port}/{self.database.name}"
                f"?hostaddr=127.0.0.1&sslrootcert={self.ca}{more}")

    def _is_good(self, token, role):
        host, _, query = token.partition("/?")
        fields = dict(urllib.parse.parse_qsl(query))
        key_id, day, region, service, _ = fields["X-Amz-Credential"].split("/")
        self.seen.append(key_id)
        now = datetime.datetime.now(datetime.timezone.utc)
        signed_at = datetime.datetime.strptime(fields["X-Amz-Date"] + "+0000", "%Y%m%dT%H%M%SZ%z")
        good = (service == "rds-db" and region == self.region and fields["Action"] == "connect"
                and fields["DBUser"] == role and host == f"localhost:{self.port}" and key_id in self.secrets
                and abs((now - signed_at).total_seconds()) < 900)
        if not good:
            return False
        signer = SigV4QueryAuth(Credentials(key_id, self.secrets[key_id]), "rds-db", region,
                                expires=int(fields["X-Amz-Expires"]))
        request = AWSRequest("GET", f"https://{host}/", params={"Action": "connect", "DBUser": role})
        request.context["timestamp"] = fields["X-Amz-Date"]
        text = "&".join(f"{name}={urllib.parse.quote(value, safe='-_.~')}" for name, value in fields.items()
                        if name != "X-Amz-Signature")
        request.url = f"https://{host}/?{text}"
        request.params = {}
        canonical = signer.canonical_request(request)
        return signer.signature(signer.string_to_sign(request, canonical), request) == fields["X-Amz-Signature"]

    async def _serve(self, reader, writer):
        try:
            if await reader.readexactly(8) != SSL_REQUEST:
                self.plain += 1
                return
            writer.write(b"S")
            await writer.drain()
            await writer.start_tls(self.context)
            length = struct.unpack("!i", await reader.readexactly(4))[0]
            startup = await reader.readexactly(length - 4)
            words = startup[4:].split(b"\0")
            role = dict(zip(words[::2], words[1::2]))[b"user"].decode()
            writer.write(b"R" + struct.pack("!ii", 8, 3))
            await writer.drain()
            kind, length = struct.unpack("!ci", await reader.readexactly(5))
            token = (await reader.readexactly(length - 4)).rstrip(b"\0").decode()
            if kind != b"p" or not self._is_good(token, role):
                self.refused += 1
                fields = b"SFATAL\0VFATAL\0C28P01\0MPAM authentication failed\0\0"
                writer.write(b"E" + struct.pack("!i", len(fields) + 4) + fields)
                await writer.drain()
                return
            inner_reader, inner_writer = await asyncio.open_unix_connection(
                f"{self.database.cluster.folder}/.s.PGSQL.{self.database.cluster.port}")
            inner_writer.write(struct.pack("!i", len(startup) + 4) + startup)
            await asyncio.gather(self._pass_on(reader, inner_writer), self._pass_on(inner_reader, writer))
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    @staticmethod
    async def _pass_on(reader, writer):
        try:
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        except OSError:
            pass
        writer.close()
