"""Three of four generated tasks are for a restaurant, half of them for an order, that there is, and most have no
Idempotency-Key: generated ones are alike, and the second request with a key is refused. Otherwise hardly
a request would become a task."""

import copy

import schemathesis


def targets(params):
    return [params[way] for way in ("sync", "async") if isinstance(params.get(way), dict)]


def known(schema):
    """The restaurants and the order that the examples name."""
    bodies = [
        example["value"]["params"]
        for operations in schema["paths"].values()
        for media in operations.get("post", {}).get("requestBody", {}).get("content", {}).values()
        for example in media.get("examples", {}).values()
    ]
    objects = sorted({target["objectId"] for params in bodies for target in targets(params)})
    return objects, next(params["orderGuid"] for params in bodies if "orderGuid" in params)


@schemathesis.hook
def map_body(context, body):
    params = body.get("params") if isinstance(body, dict) else None
    dice = sum(str(body).encode())
    if not isinstance(params, dict) or dice % 4 == 0:
        return body
    body = copy.deepcopy(body)
    params = body["params"]
    objects, order = known(context.operation.schema.raw_schema)
    for target in targets(params):
        if "objectId" in target:
            target["objectId"] = objects[dice % len(objects)]
    if "orderGuid" in params and dice % 8 < 4:
        params["orderGuid"] = order
    return body


@schemathesis.hook
def before_call(context, case, kwargs):
    if case.headers and sum(str(case.body).encode()) % 8:
        case.headers.pop("Idempotency-Key", None)
