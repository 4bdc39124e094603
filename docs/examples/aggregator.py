"""What the examples share: a task handed in to White Server, and its answer."""
import json
import sys
import urllib.request

CREATE = "/wsserverlp/api/v2/aggregators/Create"


def post(args, task_type, params):
    request = urllib.request.Request(
        args.url + CREATE, method="POST",
        data=json.dumps({"taskType": task_type, "params": params}).encode(),
        headers={"AggregatorAuthentication": args.token, "Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=150) as response:
        return json.load(response)


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
