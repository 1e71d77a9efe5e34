# SPDX-License-Identifier: Apache-2.0
"""A small client for the API server: JSON over one kept HTTPS connection. Only for writes and for single reads."""
import http.client
import json
import ssl

TIMEOUT = 20  # seconds for one request


class ApiError(Exception):
    def __init__(self, code, method, path, text):
        super().__init__(f"{method} {path}: {code} {text}")
        self.code = code


class Api:
    def __init__(self, port, ca_file, token):
        self.port, self.token = port, token
        self.tls = ssl.create_default_context(cafile=ca_file)
        self.connection = None

    def close(self):
        if self.connection:
            self.connection.close()
        self.connection = None

    def send_once(self, method, path, body, content_type):
        if not self.connection:
            self.connection = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=TIMEOUT, context=self.tls)
        headers = {"Authorization": "Bearer " + self.token, "Accept": "application/json"}
        if body is not None:
            headers["Content-Type"] = content_type
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        return answer.status, answer.read()

    def request(self, method, path, document=None, content_type="application/json"):
        """The parsed reply. A connection that the server closed meanwhile is opened again once."""
        body = None if document is None else json.dumps(document).encode()
        for attempt in (1, 2):
            try:
                status, text = self.send_once(method, path, body, content_type)
                break
            except (OSError, http.client.HTTPException):
                self.close()
                if attempt == 2:
                    raise
        if status >= 300:
            raise ApiError(status, method, path, text.decode(errors="replace")[:500])
        return json.loads(text) if text else None

    def get(self, path):
        return self.request("GET", path)

    def create(self, path, document):
        return self.request("POST", path, document)

    def replace(self, path, document):
        return self.request("PUT", path, document)

    def merge(self, path, document):
        return self.request("PATCH", path, document, "application/merge-patch+json")

    def delete(self, path):
        return self.request("DELETE", path)

    def ready(self):
        """Whether the API server says that it is ready; never raises for one that is away."""
        try:
            status, _ = self.send_once("GET", "/readyz", None, "")
            return status == 200
        except (OSError, http.client.HTTPException):
            self.close()
            return False
