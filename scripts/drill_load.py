"""Pays orders over HTTP for as long as a drill runs, and tells what its callers saw.

    drill_load.py DIRECTORY CURRENCY THREADS

DIRECTORY holds `orders` (what `wsa orders load` printed), `token`, and `urls`: the APIs to use, one a line, read again
every half second. It ends when there is a file `stop` there, after each caller has the answer of what it handed in.
`payments.jsonl` then has a line for each payment, and `load.json` the sums of all.
"""

import http.client
import json
import pathlib
import queue
import sys
import threading
import time
import urllib.parse

PATH = "/wsserverlp/api/v2/aggregators/Create"
# An answer that has not come by then is lost.
PATIENCE = 150.0

place, currency, threads = pathlib.Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
token = (place / "token").read_text().strip()
orders = queue.SimpleQueue()
for line in (place / "orders").read_text().splitlines():
    orders.put(line.split("\t"))
log, lock = open(place / "payments.jsonl", "w"), threading.Lock()
refused = {}


def urls():
    return (place / "urls").read_text().split()


def ended():
    return (place / "stop").exists()


class Caller:
    """Has a connection of its own, and goes to another API when that fails."""

    def __init__(self, number):
        self.number, self.connection, self.looked = number, None, 0.0
        self.known = urls()

    def ask(self, body):
        if time.time() - self.looked > 0.5:
            self.looked, now = time.time(), urls()
            if now != self.known:
                self.known, self.connection = now, None
        if self.connection is None:
            url = urllib.parse.urlsplit(self.known[self.number % len(self.known)])
            self.connection = http.client.HTTPConnection(url.hostname, url.port, timeout=40)
        try:
            headers = {"AggregatorAuthentication": token, "Content-Type": "application/json"}
            self.connection.request("POST", PATH, json.dumps(body), headers)
            answer = self.connection.getresponse()
            text = answer.read()
            return answer.status, json.loads(text) if text else {}
        except (OSError, http.client.HTTPException, ValueError) as error:
            self.connection, self.number = None, self.number + 1
            return type(error).__name__, {}

    def pay(self, object_id, order, total):
        line = {"amount": total, "currency": currency}
        params = {"orderGuid": order, "payments": [line], "async": {"objectId": int(object_id)}}
        begun, tries = time.time(), 0
        while True:
            status, answer = self.ask({"taskType": "PayOrder", "params": params})
            guid = answer.get("responseCommon", {}).get("taskGuid")
            if status == 200 and guid:
                break
            tries += 1
            with lock:
                word = f"{status} {json.dumps(answer)[:120]}" if answer else str(status)
                refused[word] = refused.get(word, 0) + 1
            if time.time() - begun > PATIENCE:
                return {"order": order, "outcome": "never accepted", "begun": begun}
            time.sleep(0.1)
        accepted = time.time()
        outcome = "lost"
        while time.time() - accepted < PATIENCE:
            poll = {"taskGuid": guid, "wait": 5}
            status, answer = self.ask({"taskType": "GetTaskResponse", "params": poll})
            error = answer.get("error") or {}
            code = (error.get("agentError") or error.get("wsError") or {}).get("code", "done")
            if status == 200 and code != "TaskInProgress":
                outcome = code
                break
            time.sleep(0.05)
        return {
            "order": order, "guid": guid, "outcome": outcome, "tries": tries, "begun": begun,
            "accepted_s": round(accepted - begun, 3), "answered_s": round(time.time() - begun, 3),
        }

    def run(self):
        while not ended():
            try:
                object_id, order, total = orders.get_nowait()
            except queue.Empty:
                print("drill_load: there are no orders left", file=sys.stderr)
                return
            paid = self.pay(object_id, order, total)
            with lock:
                log.write(json.dumps(paid) + "\n")
                log.flush()


broken = []


def broke_off(failure):
    # What it had handed in is seen by nobody.
    broken.append(failure)
    threading.__excepthook__(failure)


threading.excepthook = broke_off
callers = [threading.Thread(target=Caller(n).run) for n in range(threads)]
for caller in callers:
    caller.start()
for caller in callers:
    caller.join()
log.close()
paid = [json.loads(line) for line in (place / "payments.jsonl").read_text().splitlines()]
outcomes = {}
for payment in paid:
    outcomes[payment["outcome"]] = outcomes.get(payment["outcome"], 0) + 1
times = sorted(payment["answered_s"] for payment in paid if "answered_s" in payment)
summary = {
    "payments": len(paid), "outcomes": outcomes, "not_accepted_at_first": refused,
    "answered_s": {
        "p50": times[len(times) // 2], "p99": times[len(times) * 99 // 100], "max": times[-1],
    } if times else None,
}
(place / "load.json").write_text(json.dumps(summary, indent=2) + "\n")
print(json.dumps(summary, indent=2))
if broken:
    sys.exit(f"drill_load: {len(broken)} of {threads} callers broke off")
