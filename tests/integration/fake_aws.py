"""What AWS gives a machine its credentials with, on loopback: STS, IAM Identity Center, the container's agent and the
instance's metadata service. Hands out the keys that it is told, checks what it is asked, and goes wrong on demand."""
import json
import threading
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def in_seconds(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + seconds))


class FakeAws:
    """`keys` is handed out next; `lasts` is for how many seconds. `fault`: None, "hang", or (status, body) for all."""

    def __init__(self):
        self.keys, self.lasts, self.fault = {}, 3600, None
        self.requests = []  # (method, path, headers, body)
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self):
                length = int(self.headers.get("Content-Length", 0))
                body = self.rfile.read(length).decode()
                outer.requests.append((self.command, self.path, dict(self.headers), body))
                status, kind, text = outer.reply(self.command, self.path, self.headers, body)
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(text.encode())))
                self.end_headers()
                self.wfile.write(text.encode())

            do_GET = do_POST = do_PUT = answer

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.released = threading.Event()
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def stop(self):
        self.released.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join(5)

    def asked(self, part):
        """Requests whose path or body holds this."""
        return [request for request in self.requests if part in request[1] or part in request[3]]

    def reply(self, method, path, headers, body):
        if self.fault == "hang":
            self.released.wait(60)
        if isinstance(self.fault, tuple):
            return self.fault[0], "application/json", self.fault[1]
        if path == "/latest/api/token" and method == "PUT":
            return 200, "text/plain", "metadata-session"
        if path.startswith("/latest/meta-data/"):
            if headers.get("X-aws-ec2-metadata-token") != "metadata-session":
                return 401, "text/plain", ""
            return (200, "text/plain", "instance-role") if path.endswith("/") else self.as_metadata()
        if path.startswith("/container"):
            if headers.get("Authorization") != "pod-token":
                return 400, "application/json", '{"code": "InvalidToken"}'
            return self.as_metadata()
        if path.startswith("/federation/credentials"):
            if headers.get("x-amz-sso_bearer_token") != "signed-in":
                return 401, "application/json", '{"__type": "UnauthorizedException"}'
            return 200, "application/json", json.dumps({"roleCredentials": {
                "accessKeyId": self.keys["id"], "secretAccessKey": self.keys["secret"],
                "sessionToken": self.keys["token"], "expiration": int((time.time() + self.lasts) * 1000)}})
        return self.sts(dict(urllib.parse.parse_qsl(body)))

    def as_metadata(self):
        return 200, "application/json", json.dumps({
            "Code": "Success", "AccessKeyId": self.keys["id"], "SecretAccessKey": self.keys["secret"],
            "Token": self.keys["token"], "Expiration": in_seconds(self.lasts)})

    def sts(self, form):
        action = form.get("Action")
        if action == "GetCallerIdentity":
            return 200, "text/xml", ("<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:sts::1:assumed-"
                                     "role/consumer/me</Arn></GetCallerIdentityResult></GetCallerIdentityResponse>")
        if action not in ("AssumeRole", "AssumeRoleWithWebIdentity"):
            return 404, "text/plain", "nothing here"
        if action == "AssumeRoleWithWebIdentity" and form.get("WebIdentityToken") != "web-token":
            return 400, "text/xml", "<E><Error><Code>InvalidIdentityToken</Code></Error></E>"
        return 200, "text/xml", (
            f"<R><C><Credentials><AccessKeyId>{self.keys['id']}</AccessKeyId><SecretAccessKey>{self.keys['secret']}"
            f"</SecretAccessKey><SessionToken>{self.keys['token']}</SessionToken><Expiration>{in_seconds(self.lasts)}"
            "</Expiration></Credentials></C></R>")
