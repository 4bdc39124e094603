#!/usr/bin/env python3
"""A delivery, from an empty installation on: the restaurant loads its menu; an aggregator reads it and orders; the
restaurant's till takes the order where it is asked to, and cooks; the aggregator hears how it stands, and pays. It hears
what it asked for: wsa admin aggregator set --name NAME --events OrderChanged,OrderStatusChanged"""
import argparse
import sys

import aggregator
import till
from aggregator import ask, ask_later

CATALOGUE = {"checks": "on", "menu": {
    "categories": [{"id": "10", "name": "Kitchen"}],
    "products": [{"id": "1", "categoryId": "10", "name": "Fish soup", "price": "449.35"}],
    "ingredientsSchemes": [], "ingredientsGroups": [], "ingredients": [],
}}


def say(*words):
    print(*words, flush=True)


def events(desk):
    """What the till has not heard yet; acknowledged when it was dealt with."""
    heard = till.until_it_answers(desk, "GET", "/events?wait=20")
    yield from (entry["event"] for entry in heard["events"])
    if heard["events"]:
        till.until_it_answers(desk, "POST", "/events/ack", {"upTo": heard["cursor"]})


def cook(desk, guid):
    """Takes the order, where the restaurant wants to be asked, and begins to cook it."""
    for event in events(desk):
        order, path = event["order"], f"/orders/{guid}"
        if event["type"] != "OrderCreated" or order["orderGuid"] != guid:
            continue
        if order["status"] == "Confirmed":
            order = till.call(desk, "POST", path + "/accept", {}, order["version"])["order"]
        till.call(desk, "PATCH", path, {"substate": "Cooking"}, order["version"])


def hear(args, guid, last):
    """Listens until it was told how the order stands, after the last that it was told; returns that."""
    stands = ask(args, "GetOrderState", orderGuid=guid)["order"]
    heard = aggregator.events(args)
    while last != stands:
        event = next(heard, None)
        if event is None:
            sys.exit("nothing is heard of " + guid + ": which --events does this aggregator ask for?")
        if event["eventType"] == "OrderStatusChanged" and event["order"]["orderGuid"] == guid:
            last = event["order"]
            say("heard", last["status"]["value"], last["substate"])
    return last


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", default="http://127.0.0.1:8080")
    parser.add_argument("--object", type=int, required=True)
    parser.add_argument("--token", required=True, help="of the aggregator")
    parser.add_argument("--till-token", required=True, help="of wsa admin till token")
    parser.add_argument("--currency", required=True, help="the guid of a currency of the object")
    args = parser.parse_args()
    desk = argparse.Namespace(url=args.url, token=args.till_token)
    till.until_it_answers(desk, "PATCH", "/catalogue", CATALOGUE)

    dish = ask(args, "GetMenu")["menu"]["products"][0]
    say("menu", dish["name"], dish["price"])
    created = ask_later(args, "CreateOrder", order={
        "price": {"total": dish["price"]}, "products": [{"id": dish["id"], "quantity": 1}],
        "expeditionType": "delivery", "delivery": {"address": {"fullAddress": "Nevsky 1"}}})
    guid = created["order"]["orderGuid"]
    last = hear(args, guid, None)
    cook(desk, guid)
    last = hear(args, guid, last)
    ask(args, "PayOrder", orderGuid=guid, payments=[{"amount": dish["price"], "currency": args.currency}])
    hear(args, guid, last)
    for event in events(desk):
        say("till", event["type"], "by", event["by"], "due", event["order"]["due"])


if __name__ == "__main__":
    main()
