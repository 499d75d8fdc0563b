"""An HTTP proxy between the program and an SQS server that nobody can ask for faults: it passes everything on, answers
the operations that it was told to refuse with 503, and remembers the receipt handles that went by."""
import http.client
import json
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

HOP_HEADERS = {"connection", "transfer-encoding", "content-length", "keep-alive", "date", "server"}


class QueueProxy:
    def __init__(self, server):
        self.upstream = urllib.parse.urlsplit(server.url).netloc
        self.refused, self.handles = set(), []
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                proxy._answer(self)

            def log_message(self, *_):
                pass

        self._listener = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._listener.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._listener.server_address[1]}"
        self._thread = threading.Thread(target=self._listener.serve_forever, daemon=True)

    def environment(self):
        return {"AWS_ENDPOINT_URL": self.url}

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._listener.shutdown()
        self._listener.server_close()
        self._thread.join(10)

    def _answer(self, request):
        body = request.rfile.read(int(request.headers.get("Content-Length", 0)))
        operation = request.headers.get("X-Amz-Target", "").rpartition(".")[2]
        if operation in self.refused:
            return self._reply(request, 503, {"Content-Type": "application/x-amz-json-1.0"},
                               b'{"__type": "com.amazonaws.sqs#ServiceUnavailable", "message": "refused by a test"}')
        connection = http.client.HTTPConnection(self.upstream, timeout=40)
        try:
            headers = {**dict(request.headers.items()), "Host": self.upstream}
            connection.request("POST", request.path, body, headers)
            answer = connection.getresponse()
            text = answer.read()
        finally:
            connection.close()
        if operation == "ReceiveMessage" and answer.status == 200:
            self.handles += [message["ReceiptHandle"] for message in json.loads(text).get("Messages") or []]
        return self._reply(request, answer.status, dict(answer.getheaders()), text)

    @staticmethod
    def _reply(request, status, headers, text):
        try:
            request.send_response(status)
            for name, value in headers.items():
                if name.lower() not in HOP_HEADERS:
                    request.send_header(name, value)
            request.send_header("Content-Length", str(len(text)))
            request.end_headers()
            request.wfile.write(text)
        except OSError:
            request.close_connection = True  # the program was killed
