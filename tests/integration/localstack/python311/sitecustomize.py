"""Python 3.12's uuid5, which takes bytes too: LocalStack's KMS counts on it, and Debian 12 has Python 3.11."""
import uuid

_uuid5_of_text = uuid.uuid5


def _uuid5(namespace, name):
    return _uuid5_of_text(namespace, name if isinstance(name, str) else name.decode("latin-1"))


uuid.uuid5 = _uuid5
