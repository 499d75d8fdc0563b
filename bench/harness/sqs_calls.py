"""SQS calls over one connection that stays open, without an SDK between the clock and the wire. The embedded queue does
not ask for signatures."""
import http.client
import json
import urllib.parse

from .lab import QUEUE, Broken


class SqsCalls:
    def __init__(self, url):
        self._connection = http.client.HTTPConnection(urllib.parse.urlsplit(url).netloc, timeout=30)
        self._queue_url = f"{url}/000000000000/{QUEUE}"

    def close(self):
        self._connection.close()

    def call(self, operation, **members):
        body = json.dumps({"QueueUrl": self._queue_url, **members}).encode()
        self._connection.request("POST", "/", body, {"Content-Type": "application/x-amz-json-1.0",
                                                     "X-Amz-Target": f"AmazonSQS.{operation}"})
        reply = self._connection.getresponse()
        text = reply.read()
        if reply.status != 200:
            raise Broken(f"{operation} was answered with {reply.status}")
        return json.loads(text) if text else {}

    def send(self, body):
        self.call("SendMessage", MessageBody=body)

    def held(self):
        """(visible, in flight)"""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        told = self.call("GetQueueAttributes", AttributeNames=names)["Attributes"]
        return tuple(int(told[name]) for name in names)
