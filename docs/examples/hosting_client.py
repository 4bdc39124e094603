#!/usr/bin/env python3
"""What a program that sells hosting does with BILLmanager's API, from the first call to the last: it shows what is sold,
logs its client in, orders with parameters, pays, lists the services, changes their renewal, and deletes one. The operator's
part (a payment that came, a service that was made) is called where it belongs. Every answer is compared with the shape
that public client programs read. It needs nothing but Python."""
import argparse
import json
import re
import sys
import urllib.parse
import urllib.request

DATE = re.compile(r"^\d{4}-\d{2}-\d{2}$")
MONEY = re.compile(r"^-?\d+\.\d{2}$")
NUMBER = re.compile(r"^\d+$")
TEXT = re.compile(r".+")


def say(*words):
    print(*words, flush=True)


class Api:
    def __init__(self, url, **who):
        self.url, self.who = url, who

    def ask(self, func, **params):
        """The document of an answer, which may be an error."""
        params = {"out": "json", "func": func, **self.who, **params}
        body = urllib.parse.urlencode(params).encode()
        with urllib.request.urlopen(urllib.request.Request(self.url, data=body), timeout=60) as answer:
            assert answer.status == 200, answer.status
            return json.loads(answer.read())["doc"]

    def __call__(self, func, **params):
        doc = self.ask(func, **params)
        if "error" in doc:
            sys.exit(f"{func}: {doc['error']['$type']} {doc['error'].get('$object')}: {doc['error']['msg']['$']}")
        return doc


def shape(where, node, fields):
    """Each field is an element with a text of this form; a name with a question mark may be absent."""
    for name, form in fields.items():
        if name.endswith("?"):
            name = name[:-1]
            if name not in node:
                continue
        assert name in node, f"{where}: {name} is missing in {node}"
        text = node[name]["$"]
        assert isinstance(text, str) and form.match(text), f"{where}: {name} is {text!r}"
    return {name.rstrip("?"): node[name.rstrip("?")]["$"] for name in fields if name.rstrip("?") in node}


def listed(where, doc, fields, name="elem"):
    """A flat list: an array also when there is one."""
    elements = doc.get(name, [])
    assert isinstance(elements, list), f"{where}: {name} is no array: {doc}"
    return [shape(where, element, fields) for element in elements]


SERVICE = {"id": NUMBER, "name": TEXT, "cost": MONEY, "item_cost": MONEY, "expiredate?": DATE, "status": NUMBER,
           "ip?": TEXT, "itemtype": TEXT, "autoprolong": TEXT, "billorder": NUMBER}


def services(client, func="service", **filters):
    return listed(func, client(func, **filters), SERVICE)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", default="http://127.0.0.1:8080/billmgr")
    parser.add_argument("--login", default="client")
    parser.add_argument("--password", default="demo-client")
    parser.add_argument("--operator", default="admin:demo-admin", help="who credits payments and makes services")
    parser.add_argument("--pricelist", default="2")
    parser.add_argument("--domain", default="www.example.com", help="empty: the price list declares no domain")
    parser.add_argument("--addon", default="addon_2=10")
    parser.add_argument("--method", default="15")
    args = parser.parse_args()

    # What is sold, before anybody logs in.
    anybody = Api(args.url)
    sold = listed("pricelist.export", anybody("pricelist.export"), {"id": NUMBER, "name": TEXT, "itemtype": TEXT,
                                                                   "currency": TEXT}, "pricelist")
    kind = next(one["itemtype"] for one in sold if one["id"] == args.pricelist)
    say("sold", len(sold), "price lists; number", args.pricelist, "is of", kind)
    unknown = anybody.ask("no.such.function")
    assert unknown["error"]["$type"] == "missed", unknown

    # A session; a wrong password is an error of its own kind.
    wrong = anybody.ask("auth", username=args.login, password="wrong")
    assert (wrong["error"]["$type"], wrong["error"]["$object"]) == ("auth", "badpassword"), wrong
    auth = anybody("auth", username=args.login, password=args.password)["auth"]
    assert auth["$id"] == auth["$"] and auth["$level"] == "16", auth
    client = Api(args.url, auth=auth["$"])
    who = client("whoami")["user"]
    assert who["$name"] == args.login, who
    account = listed("subaccount", client("subaccount"), {"id": NUMBER, "balance": MONEY, "currency": TEXT})[0]
    say("logged in as", who["$name"], "with", account["balance"], account["currency"])

    # The form of an order says what there is to say; the order says it.
    offered = listed("order.pricelist", client(f"v2.{kind}.order.pricelist"), {"id": NUMBER, "name": TEXT, "cost": MONEY})
    assert args.pricelist in [one["id"] for one in offered], offered
    form = client(f"v2.{kind}.order.param", pricelist=args.pricelist)
    periods = next(one for one in form["slist"] if one["$name"] == "order_period")["val"]
    assert "1" in [one["$key"] for one in periods], periods
    addon, value = args.addon.split("=")
    order = {"pricelist": args.pricelist, "order_period": "1", "order_count": "2", "autoprolong": "off", addon: value}
    if args.domain:
        order["domain"] = args.domain
    refused = client.ask(f"v2.{kind}.order.param", sok="ok", colour="red", **order)
    assert (refused["error"]["$type"], refused["error"]["$object"]) == ("value", "colour"), refused
    item = client(f"v2.{kind}.order.param", sok="ok", clicked_button="order", **order)["lineitem.id"]["$"]
    cart = client("cart")
    mine = next(one for one in listed("cart", cart, {"id": NUMBER, "order_count": NUMBER}) if one["id"] == item)
    assert mine["order_count"] == "2", mine
    say("in the cart: line item", item, "of", cart["position_count"]["$count"])

    # Paid from outside: the payment has a page, and is credited when the money came.
    profile = client("cartorder.create.confirm", elid=item)
    payers = next(one for one in profile["slist"] if one["$name"] == "profile_id")["val"]
    made = client("cartorder.create.confirm", sok="ok", elid=item, paymethod_id=args.method, profile_id=payers[0]["$key"])
    assert made["ok"]["$type"] == "blank" and made["ok"]["$"].startswith("/mancgi/"), made
    order, payment = made["billorder"]["$"], made["payment_id"]["$"]
    fields = {"id": NUMBER, "number": NUMBER, "create_date": DATE, "status": NUMBER, "billorder": NUMBER,
              "paymethodamount_iso": TEXT}
    waiting = listed("payment", client("payment", number=payment, filter="on"), fields)
    assert [one["status"] for one in waiting] == ["1"], waiting
    operator = Api(args.url, authinfo=args.operator)
    assert "form" in operator("payment.setpaid", elid=payment), "without sok nothing is done"
    operator("payment.setpaid", elid=payment, sok="ok")
    came = listed("payment", client("payment", billorder=order, status="4"), fields)
    assert [one["id"] for one in came] == [payment], came
    say("order", order, "is paid by payment", payment, "of", came[0]["paymethodamount_iso"])

    # The service: ordered, then made by provisioning, then active.
    assert [one["status"] for one in services(client, id=item)] == ["1"]
    todo = listed("service.pending", operator("service.pending", id=item), {"id": NUMBER, "pending": TEXT})
    assert todo == [{"id": item, "pending": "open"}], todo
    operator("service.open", elid=item, ip="192.0.2.10", sok="ok")
    active = services(client, kind, status="2", id=item)[0]
    assert active["ip"] == "192.0.2.10" and DATE.match(active["expiredate"]), active
    say("service", item, "is active until the end of what was paid, with", active["ip"])

    # Its renewal: by itself, and by hand from the balance.
    assert active["autoprolong"] == "off", active
    client(f"{kind}.edit", elid=item, autoprolong="1", sok="ok")
    assert services(client, id=item)[0]["autoprolong"] == "on"
    longer = client.ask("service.prolong", elid=item, period="1", sok="ok")
    if "error" in longer:
        assert longer["error"]["$type"] == "limit", longer
        say("not prolonged: the balance is too small")
    else:
        assert services(client, id=item)[0]["expiredate"] > active["expiredate"]
        say("prolonged by a month")

    # The end. The list still has it, deleted; it is not deleted twice.
    client(f"{kind}.delete", elid=item, sok="ok")
    assert [one["status"] for one in services(client, id=item)] == ["4"]
    again = client.ask("service.delete", elid=item, sok="ok")
    assert again["error"]["$type"] == "exists", again
    operator("service.close", elid=item, sok="ok")
    history = listed("subaccount.history", client("subaccount.history"), {"date": DATE, "kind": TEXT, "amount": MONEY})
    say("deleted; the history of the balance has", ", ".join(sorted({line["kind"] for line in history})))


if __name__ == "__main__":
    main()
