"""What the scripts of the payment and ticket protocols share: a request over HTTP, and an answer compared with its shape."""
import json
import sys
import urllib.error
import urllib.parse
import urllib.request


def say(*words):
    print(*words, flush=True)


def request(method, url, headers, body=None):
    """The status, the headers and the body, be it a refusal."""
    data = None if body is None else json.dumps(body).encode()
    asked = urllib.request.Request(url, method=method, data=data, headers=headers)
    try:
        with urllib.request.urlopen(asked, timeout=150) as response:
            return response.status, response.headers, response.read()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.headers, refused.read()


def query(**parameters):
    """Parameters of a URL; `filter__status` is `filter[status]`, and `fields__payments` likewise."""
    def name(key):
        first, *others = key.split("__")
        return first + "".join(f"[{other}]" for other in others)
    return urllib.parse.urlencode({name(key): value for key, value in parameters.items()})


def compare(place, value, shape):
    """Ends the script where a value has not the shape that the protocol documents: `None` is anything, a type is a
    value of it, a list has one shape for all that it has, an object has at least these members; `{"?": shape}` may be null."""
    def wrong(why):
        sys.exit(f"{place}: {why}: {json.dumps(value)[:300]}")
    if shape is None:
        return
    if isinstance(shape, type):
        if not isinstance(value, shape) or isinstance(value, bool) and shape is not bool:
            wrong(f"no {shape.__name__}")
    elif isinstance(shape, list):
        if not isinstance(value, list):
            wrong("no list")
        for number, one in enumerate(value):
            compare(f"{place}[{number}]", one, shape[0])
    elif set(shape) == {"?"}:
        if value is not None:
            compare(place, value, shape["?"])
    else:
        if not isinstance(value, dict):
            wrong("no object")
        for name, of in shape.items():
            if name not in value:
                wrong(f"{name} is missing")
            compare(f"{place}.{name}", value[name], of)
