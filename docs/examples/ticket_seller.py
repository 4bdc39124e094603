#!/usr/bin/env python3
"""A seller of tickets at ticketscloud, from its first call to its last: it learns what it can sell, reserves tickets, takes
one out, confirms the payment, prints the barcodes, and gives money back. `wsa up --demo` has what it needs."""
import argparse
import json
import sys

from told import compare, query, request, say

MAYBE = {"?": None}
MONEY = {"price": str, "price_org": str, "price_extra": str}
SET = {"id": str, "pos": int, "name": str, "amount": int, "amount_vacant": int, "seats": None, "sector": None, **MONEY,
       "rules": [{"id": str, "cal": None, "current": bool, **MONEY}]}
EVENT = {
    "id": str, "created_at": str, "updated_at": str, "lifetime": MAYBE, "status": str,
    "title": {"text": str, "desc": MAYBE}, "media": dict, "map": MAYBE, "sets": [SET],
    "org": {"id": str, "name": str, "desc": MAYBE, "media": dict, "contact": dict},
    "venue": {"?": {"id": str, "name": str, "address": MAYBE, "country": None, "city": None, "desc": MAYBE, "point": None}},
}
TICKET = {"id": str, "status": str, "set": str, "reserved_till": MAYBE,
          "seat": {"?": {"row": None, "number": None, "sector": None}}}
ORDER = {
    "id": str, "created_at": str, "updated_at": str, "reserved_till": {"?": str}, "customer": {"lang": str},
    "deal": {"?": str}, "event": str, "number": int, "org": str, "vendor": str,
    "payment": {"failure_url": MAYBE, "success_url": MAYBE, "system": {"?": str}}, "promocodes": list, "rules": dict,
    "status": str, "tickets": [str], "value": str, "value_extra": str,
    "values": {"extra": str, "full": str, "nominal": str},
}
SOLD = {"id": str, "serial": str, "number": int, "seat": None, "barcode": str, "price": str, "nominal": str,
        "discount": str, "extra": str, "full": str}
REFUND = {"id": str, "created_at": str, "order": str, "culprit": str, "status": str, "tickets": [str],
          "tickets_refund": [str], "value": str, "event": str, "org": str, "vendor": str}
ORDER_V2 = {
    "id": str, "status": str, "expired_after": {"?": str}, "created_at": str, "done_at": {"?": str}, "origin": str,
    "event": str, "number": int, "vendor_data": dict, "values": {"sets_values": dict},
    "settings": {"send_tickets": bool, "invitation": bool, "customer": dict}, "tickets": [SOLD],
}
REFUND_V2 = {"id": str, "order": str, "culprit": str, "tickets": [str], "status": str, "requested_at": MAYBE}


class Seller:
    def __init__(self, args):
        self.args = args

    def send(self, method, path, body=None):
        headers = {"Authorization": f"key {self.args.key}", "Content-Type": "application/json"}
        status, answered, text = request(method, self.args.url + path, headers, body)
        if not answered["X-Partner"] and status != 404:
            sys.exit(f"{method} {path}: {status} names no partner")
        return status, json.loads(text) if text else None

    def ask(self, right, shape, method, path, body=None):
        status, answer = self.send(method, path, body)
        if status != right:
            sys.exit(f"{method} {path}: {status} instead of {right}: {answer}")
        compare(path, answer, shape)
        return answer

    def get(self, shape, path, **parameters):
        return self.ask(200, shape, "GET", path + ("?" + query(**parameters) if parameters else ""))

    def refused(self, status, method, path, body=None):
        """That a request is refused, in the form of every refusal."""
        say(status, self.ask(status, {"errors": [str]}, method, path, body)["errors"][0].split(": there are")[0])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", default="http://127.0.0.1:8080")
    parser.add_argument("--key", default="demo-key", help="of a partner who organises events, as it approves refunds")
    args = parser.parse_args()
    seller = Seller(args)
    simple, events, orders, refunds = "/v1/services/simple/events", "/v1/resources/events", "/v1/resources/orders", \
        "/v1/resources/refund_requests"

    # What can be sold, when and for how much.
    on_sale = seller.get([EVENT], simple, status="public", sort="start,price", page=1, page_size=50)
    dated = seller.ask(200, [EVENT], "GET", f"{simple}?lifetime__range=2000-01-01,2100-01-01")
    dear = seller.ask(200, [EVENT], "GET", f"{simple}?price__range=1000,2000")
    say(len(on_sale), "events,", len(dated), "with a date,", len(dear), "for 1000 to 2000")
    event = dear[0]
    seller.ask(200, EVENT, "GET", f"{simple}/{event['id']}")
    seller.ask(200, {"id": str, "title": {"text": str}}, "GET", f"{events}/{event['id']}?fields-schema=id,title{{text}}")
    sets = seller.get([SET], f"{events}/{event['id']}/sets")
    hall = next(one for one in sets if one["seats"])
    seller.get(SET, f"{events}/{event['id']}/sets/{hall['id']}")
    vacant = seller.get([TICKET], f"{events}/{event['id']}/tickets", status="vacant")
    seats = [ticket for ticket in vacant if ticket["set"] == hall["id"]][:3]
    say(event["title"]["text"], "at", event["venue"]["name"] + ":", len(sets), "sets; seats",
        ", ".join(str(ticket["seat"]["number"]) for ticket in seats), "of row", seats[0]["seat"]["row"], "are vacant")

    # What is not understood is refused; it is not an answer to something else.
    seller.refused(400, "GET", f"{simple}?colour=red")
    seller.refused(400, "GET", f"{orders}?status=paid")
    seller.refused(404, "GET", f"{orders}//")
    body = {"event": event["id"], "tickets": [ticket["id"] for ticket in seats]}
    seller.refused(400, "POST", orders, {**body, "discount": "100"})

    # An order: one ticket is taken out while it is in progress, the others are paid.
    order = seller.ask(201, ORDER, "POST", orders, body)
    say("order", order["status"], "of", len(order["tickets"]), "tickets for", order["value"])
    at = f"{orders}/{order['id']}"
    step = seller.ask(200, ORDER, "PATCH", at, {"status": "in_progress", "payment": {"system": "api/BASE"}})
    say("order", step["status"])
    fewer = seller.ask(200, ORDER, "PATCH", at, {"tickets": order["tickets"][:2]})
    say("order", fewer["status"], "of", len(fewer["tickets"]), "tickets for", fewer["value"])
    done = seller.ask(200, {"id": str, "status": str}, "PATCH", f"{at}?fields-schema=id,status", {"status": "done"})
    sold = seller.get([SOLD], f"{at}/tickets")
    if len({ticket["barcode"] for ticket in sold}) != 2:
        sys.exit(f"tickets of one barcode: {sold}")
    say("order", done["status"], "with", len(sold), "barcodes")
    seller.refused(400, "PATCH", at, {"tickets": order["tickets"][:1]})

    # A guest does not come: one ticket goes back, first by mistake, then in earnest.
    ask = {"order": order["id"], "culprit": "user", "tickets_refund": [sold[0]["id"]]}
    rejected = seller.ask(201, REFUND, "POST", refunds, ask)
    say("refund", seller.ask(200, REFUND, "PATCH", f"{refunds}/{rejected['id']}", {"status": "rejected"})["status"])
    asked = seller.ask(201, REFUND, "POST", refunds, ask)
    say("refund", asked["status"], "of", asked["value"])
    settled = seller.ask(200, REFUND, "PATCH", f"{refunds}/{asked['id']}", {"status": "approved"})
    listed = seller.get([REFUND], refunds, status="approved", event=event["id"], sort="-created_at")
    if listed[0] != seller.get(REFUND, f"{refunds}/{asked['id']}"):
        sys.exit(f"the newest refund is {listed[0]}")
    say("refund", settled["status"], "of", settled["value"])
    now = {ticket["id"]: ticket["status"] for ticket in seller.get([TICKET], f"{events}/{event['id']}/tickets")}
    say("the three tickets:", ", ".join(now[ticket["id"]] for ticket in seats))

    # Another one is given up.
    other = seller.ask(201, ORDER, "POST", orders, {"event": event["id"], "random": {hall["id"]: 1}})
    status, nothing = seller.send("DELETE", f"{orders}/{other['id']}")
    say("deleted:", status, nothing)
    if other["number"] == order["number"]:
        sys.exit(f"two orders have the number {other['number']}")
    mine = seller.get([ORDER], orders, status="done,canceled", event=event["id"], page_size=2)
    say("orders:", ", ".join(one["status"] for one in mine))

    # The same by v2.
    second = seller.get({"data": ORDER_V2, "refs": {"events": dict, "sets": dict}}, f"/v2/resources/orders/{order['id']}")
    gone = seller.get({"data": [{"id": str}], "refs": dict}, "/v2/resources/orders", status="cancelled")
    back = seller.get({"data": [REFUND_V2], "refs": dict}, "/v2/resources/refund_requests", status="approved")
    say("v2:", second["data"]["status"], gone["data"][0]["status"], back["data"][0]["tickets"] == [sold[0]["id"]])


if __name__ == "__main__":
    main()
