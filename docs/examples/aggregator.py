"""What the examples share: a task handed in to White Server, its answer, and what is heard beside answers."""
import json
import sys
import urllib.request

CREATE = "/wsserverlp/api/v2/aggregators/Create"
LISTEN = "/wsserverlp/api/v2/aggregators/ListenQueue"


def call(args, path, body):
    request = urllib.request.Request(
        args.url + path, method="POST", data=json.dumps(body).encode(),
        headers={"AggregatorAuthentication": args.token, "Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=150) as response:
        return json.load(response)


def post(args, task_type, params):
    return call(args, CREATE, {"taskType": task_type, "params": params})


def events(args):
    """What happens to orders, as it comes; ends when nothing has come for a minute."""
    silent = 0
    # A request is held until there is something, for 20 seconds at most.
    while silent < 3:
        heard = call(args, LISTEN, {"queueType": "EventQueue"})
        if "error" in heard:
            sys.exit(f"ListenQueue: {json.dumps(heard)}")
        silent = 0 if "eventResponse" in heard else silent + 1
        if "eventResponse" in heard:
            yield heard["eventResponse"]


def response_of(task_type, answer):
    if "taskResponse" not in answer:
        sys.exit(f"{task_type}: {json.dumps(answer)}")
    return answer["taskResponse"]


def ask(args, task_type, **params):
    """A task that is answered in the request itself."""
    return response_of(task_type, post(args, task_type, {"sync": {"objectId": args.object}, **params}))


def ask_later(args, task_type, **params):
    """A task whose guid comes at once, and whose answer is asked for."""
    accepted = post(args, task_type, {"async": {"objectId": args.object}, **params})
    if "error" in accepted:
        sys.exit(f"{task_type}: {json.dumps(accepted)}")
    guid = accepted["responseCommon"]["taskGuid"]
    while True:
        # Held until there is an answer, for 20 seconds at most.
        answer = post(args, "GetTaskResponse", {"taskGuid": guid, "wait": 20})
        if answer.get("error", {}).get("wsError", {}).get("code") != "TaskInProgress":
            return response_of(task_type, answer)
