"""A transport that reads a number with a fraction as the text of it: no amount is ever a binary float."""
import json

import httpx


class Decimals(httpx.HTTPTransport):
    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = super().handle_request(request)
        if "json" not in response.headers.get("content-type", ""):
            return response
        body = json.dumps(json.loads(response.read(), parse_float=str)).encode()
        response.close()
        # The body is plain now, and as long as it is.
        headers = httpx.Headers(response.headers)
        for name in ("content-encoding", "content-length", "transfer-encoding"):
            headers.pop(name, None)
        return httpx.Response(response.status_code, headers=headers, content=body)
