#!/usr/bin/env python3
"""A guest pays at the table, from an empty installation on: the restaurant loads its catalogue and its till opens an
order; the guest's app finds it by the table, shows it with its waiter, and pays; the till hears of it."""
import argparse

import till
from aggregator import ask

CATALOGUE = {
    "halls": [{"guid": "01a201f0-bfcf-74b6-b2fe-00000000aa01", "name": "Main hall", "tables": [
        {"guid": "01a201f0-bfcf-74b6-b2fe-00000000bb12", "code": 12, "name": "By the window", "seatsCount": 4}]}],
    "employees": [{"id": 1001, "name": "Maria"}],
}


def say(*words):
    print(*words, flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", default="http://127.0.0.1:8080")
    parser.add_argument("--object", type=int, required=True)
    parser.add_argument("--token", required=True, help="of the guest's app, an aggregator")
    parser.add_argument("--till-token", required=True, help="of wsa admin till token")
    parser.add_argument("--currency", required=True, help="the guid of a currency of the object")
    args = parser.parse_args()

    # The restaurant.
    desk = argparse.Namespace(url=args.url, token=args.till_token, table="12", waiter=1001,
                              dish="Fish soup", price="449.35")
    loaded = till.until_it_answers(desk, "PATCH", "/catalogue", CATALOGUE)
    say("catalogue", loaded["version"])
    opened = till.open_order(desk)

    # The guest's app knows the table from the QR code on it.
    tables = ask(args, "GetTableList")["tables"]
    table = next(table for table in tables if table["name"] == "By the window")
    say("table", table["code"], "in", table["hallName"])
    found = ask(args, "GetOrderList", tableCode=table["code"])["orders"]
    order = next(order for order in found if order["orderGuid"] == opened["orderGuid"])
    waiters = {waiter["id"]: waiter["name"] for waiter in ask(args, "GetEmployees")["Employees"]}
    read = ask(args, "GetOrder", orderGuid=order["orderGuid"])["order"]
    say("order", ", ".join(dish["name"] for dish in read["products"]), "served by", waiters[read["waiterId"]],
        "to pay", read["price"]["summToPay"])
    due = read["price"]["summToPay"]
    paid = ask(args, "PayOrder", orderGuid=order["orderGuid"],
               payments=[{"amount": due, "currency": args.currency}])
    say("paid, to pay", paid["order"]["price"]["summToPay"])

    till.hear(desk, opened["orderGuid"])


if __name__ == "__main__":
    main()
