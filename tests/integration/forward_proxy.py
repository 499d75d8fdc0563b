"""A forward proxy as companies run them: CONNECT, a user and password if wanted, a list of what it was asked. Every
name that it is asked for is this machine, so that a test can use names that must not be reached directly."""
import base64
import select
import socket
import socketserver
import threading


class ForwardProxy:
    def __init__(self, user=None, password=None, refuse_with=None):
        self.asked, self.tunnelled_bytes = [], 0
        self._user, self._password, self._refuse_with = user, password, refuse_with
        proxy = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self):
                proxy._serve(self)

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address = daemon_threads = True

        self._server = Server(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def port(self):
        return self._server.server_address[1]

    def url(self, credentials=True):
        user = f"{self._user}:{self._password}@" if credentials and self._user else ""
        return f"http://{user}127.0.0.1:{self.port}"

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)

    def _serve(self, handler):
        line = handler.rfile.readline(4096).decode("ascii", "replace")
        headers = {}
        while (header := handler.rfile.readline(4096)) not in (b"\r\n", b"\n", b""):
            name, _, value = header.decode("ascii", "replace").partition(":")
            headers[name.strip().lower()] = value.strip()
        method, _, rest = line.partition(" ")
        target = rest.partition(" ")[0]
        self.asked.append(target)
        if self._refuse_with:
            return self._say(handler, self._refuse_with)
        wanted = base64.b64encode(f"{self._user}:{self._password}".encode()).decode()
        if self._user and headers.get("proxy-authorization") != f"Basic {wanted}":
            return self._say(handler, "407 Proxy Authentication Required")
        if method != "CONNECT":
            return self._say(handler, "405 Method Not Allowed")
        try:
            upstream = socket.create_connection(("127.0.0.1", int(target.rpartition(":")[2])), timeout=5)
        except OSError:
            return self._say(handler, "502 Bad Gateway")
        handler.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        with upstream:
            self._pump(handler.connection, upstream)

    @staticmethod
    def _say(handler, status):
        handler.wfile.write(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())

    def _pump(self, here, there):
        while True:
            for ready in select.select([here, there], [], [], 60)[0]:
                data = ready.recv(65536)
                if not data:
                    return
                self.tunnelled_bytes += len(data)
                (there if ready is here else here).sendall(data)
