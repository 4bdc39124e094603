#!/usr/bin/env python3
"""A tiny till: opens an order at a table, and waits until a guest has paid it. Prints what it hears."""
import argparse
import json
import sys
import time
import urllib.error
import urllib.request
import uuid


def call(args, method, path, body=None, version=None):
    headers = {"Authorization": "Bearer " + args.token, "Content-Type": "application/json"}
    if version is not None:
        # A change counts for the version that was seen, and for no other.
        headers["If-Match"] = f'"{version}"'
    request = urllib.request.Request(
        args.url + "/till/v1" + path, method=method, headers=headers,
        data=None if body is None else json.dumps(body).encode())
    with urllib.request.urlopen(request, timeout=60) as response:
        return json.load(response)


def until_it_answers(args, *request):
    """Repeats what may be repeated: reading, and what has a name of its own."""
    for attempt in range(5):
        try:
            return call(args, *request)
        except urllib.error.HTTPError as error:
            if error.code not in (429, 503):
                sys.exit(f"{error.code} {error.read().decode()}")
        except OSError as error:
            print(f"again: {error}", file=sys.stderr)
        time.sleep(attempt + 1)
    sys.exit("no answer")


def open_order(args):
    # The guid is its name: asked for twice, it is opened once.
    order = {
        "orderGuid": str(uuid.uuid4()),
        "tableCode": args.table,
        "waiterId": args.waiter,
        "products": [{"id": "1", "name": args.dish, "price": args.price, "quantity": 1}],
    }
    return until_it_answers(args, "POST", "/orders", order)["order"]


def hear(args, guid):
    """Every event is acknowledged once it is dealt with; ends when the order is paid."""
    while True:
        heard = until_it_answers(args, "GET", "/events?wait=20")
        paid = False
        for event in (entry["event"] for entry in heard["events"]):
            order = event["order"]
            print(event["type"], order["orderGuid"], "by", event["by"], "due", order["due"], flush=True)
            paid = paid or (order["orderGuid"] == guid and order["due"] == 0)
        if heard["events"]:
            until_it_answers(args, "POST", "/events/ack", {"upTo": heard["cursor"]})
        if paid:
            return


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", default="http://127.0.0.1:8080")
    parser.add_argument("--token", required=True, help="of wsa admin till token")
    parser.add_argument("--table", default="12")
    parser.add_argument("--waiter", type=int, default=1)
    parser.add_argument("--dish", default="Fish soup")
    parser.add_argument("--price", default="449.35")
    args = parser.parse_args()
    order = open_order(args)
    print("opened", order["orderGuid"], "at table", order["tableCode"], "for", order["total"], flush=True)
    hear(args, order["orderGuid"])


if __name__ == "__main__":
    main()
