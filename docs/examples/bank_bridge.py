#!/usr/bin/env python3
"""A bank's bridge to ActivePlatform, from its first call to its last: it learns what it has access to, finds what waits to
be paid, completes payments by their ids and by their documents, and reconciles. `wsa up --demo` has what it needs."""
import argparse
import decimal
import json
import sys

from told import compare, query, request, say

MEDIA = "application/vnd.api+json"
LINK = {"id": str, "type": str}
ONE, MAYBE, MANY = {"data": LINK}, {"data": {"?": LINK}}, {"data": [LINK]}
SHAPES = {
    "resellers": ({"parent_id": {"?": str}, "general": {"name": str}}, {"parent": MAYBE}),
    "accounts": ({"reseller_id": int, "name": str, "currency_code": str, "balance": str}, {"reseller": ONE}),
    "payment_methods": ({"reseller_id": int, "name": str}, {"reseller": ONE}),
    "corrections": (
        {"created_at": str, "account_id": int, "manager_id": int, "status": str, "total": str, "currency_code": str,
         "comment": str, "payment_id": int, "document_id": str},
        {"reseller": ONE, "account": ONE, "payment": ONE}),
    "payments": (
        {"created_at": str, "updated_at": str, "account_id": int, "discount_amount": str, "total": str,
         "currency_code": str, "comment": str, "status": str, "document_id": str, "expiration_date": {"?": str},
         "payment_method_id": {"?": int}, "requester_ip": {"?": str}, "manager_id": {"?": int}, "purpose": str,
         "external_total": {"?": str}, "external_currency": {"?": str}, "due_date": {"?": str},
         "payment_method_name": {"?": str}, "closed_at": {"?": str}},
        {"orders": MANY, "invoices": MANY, "corrections": MANY, "reseller": ONE, "account": ONE,
         "payment_method": MAYBE}),
}


def shape_of(kind):
    attributes, relationships = SHAPES[kind]
    return {"id": str, "type": str, "attributes": attributes, "relationships": relationships}


class Bridge:
    def __init__(self, args):
        self.args = args
        self.at = f"/api/v3/resellers/{args.reseller}"

    def send(self, method, path, body=None, kind=MEDIA):
        headers = {"X-Api-Token": self.args.token, "Accept": MEDIA, "Content-Type": kind}
        status, answered, text = request(method, self.args.url + path, headers, body)
        if answered["Content-Type"] != MEDIA:
            sys.exit(f"{method} {path}: {status} with {answered['Content-Type']}")
        return status, json.loads(text)

    def get(self, path):
        status, document = self.send("GET", path)
        if status != 200:
            sys.exit(f"GET {path}: {status} {document}")
        return document

    def one(self, kind, path, **parameters):
        document = self.get(f"{self.at}{path}" + ("?" + query(**parameters) if parameters else ""))
        compare(path, document["data"], shape_of(kind))
        return document

    def all(self, kind, path, **parameters):
        """All of a list, page by page, by the links alone."""
        found, at = [], f"{self.at}{path}?" + query(page__size=7, **parameters)
        while at:
            document = self.get(at)
            compare(path, document["links"], {"self": str, "first": str, "prev": {"?": str}, "next": {"?": str}})
            for entry in document["data"]:
                compare(path, entry, shape_of(kind))
                compare(path, entry["type"], str)
            found += document["data"]
            at = document["links"]["next"]
        return found

    def refused(self, status, method, path, body=None, kind=MEDIA):
        """That a request is refused, in the form of every refusal."""
        answered, document = self.send(method, self.at + path, body, kind)
        if answered != status:
            sys.exit(f"{method} {path}: {answered} instead of {status}: {document}")
        compare(path, document, {"errors": {"title": str, "status": str}})
        say(status, document["errors"]["title"].split(": there are")[0])


def money(text):
    return decimal.Decimal(text)


def total(entries):
    return sum((money(entry["attributes"]["total"]) for entry in entries), decimal.Decimal(0))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", default="http://127.0.0.1:8080")
    parser.add_argument("--token", default="demo-manager", help="of a manager")
    parser.add_argument("--reseller", type=int, default=1)
    args = parser.parse_args()
    bridge = Bridge(args)

    # Whose payments, to which accounts, by which methods.
    own = bridge.one("resellers", "")["data"]
    below = bridge.all("resellers", "/child_resellers")
    say("reseller", own["attributes"]["general"]["name"], "with", len(below), "below")
    account = bridge.all("accounts", "/accounts")[0]
    theirs = bridge.all("accounts", "/child_reseller_accounts")
    bridge.one("accounts", f"/child_reseller_accounts/{theirs[0]['id']}", include="reseller")
    method = bridge.all("payment_methods", "/payment_methods")[0]
    bridge.one("payment_methods", f"/payment_methods/{method['id']}")
    before = money(bridge.one("accounts", f"/accounts/{account['id']}")["data"]["attributes"]["balance"])
    say("account", account["attributes"]["name"], "and", len(theirs), "of resellers below; paid by",
        method["attributes"]["name"])

    # What waits to be paid, the oldest first, with what it belongs to.
    waits = dict(filter__status="waiting_for_payment", filter__account_id=account["id"])
    waiting = bridge.all("payments", "/payments", sort="created_at", **waits)
    page = bridge.get(f"{bridge.at}/payments?" + query(page__size=2, include="account,reseller", **waits))
    included = sorted(entry["type"] for entry in page["included"])
    narrow = bridge.get(f"{bridge.at}/payments?" + query(page__size=1, fields__payments="total,document_id", **waits))
    say(len(waiting), "payments wait; with two of them", included, "and a narrow one has",
        sorted(narrow["data"][0]["attributes"]))
    first, second, third, fourth = waiting[:4]
    found = bridge.all("payments", "/payments", filter__document_id=second["attributes"]["document_id"])
    if [entry["id"] for entry in found] != [second["id"]]:
        sys.exit(f"the document {second['attributes']['document_id']} finds {found}")
    invoices = bridge.get(f"{bridge.at}/payments/{first['id']}/invoices")["data"]
    compare("invoices", invoices, [LINK])
    say("the first has", len(invoices), "invoice of", first["attributes"]["total"])

    # What is not meant changes nothing.
    def body(**more):
        return {"data": {"attributes": {"payment_method_id": int(method["id"])}, **more}}

    here = f"/payments/{first['id']}"
    bridge.refused(409, "PATCH", here, body(type="invoices", id=first["id"]))
    bridge.refused(409, "PATCH", here, body(type="payments", id=second["id"]))
    bridge.refused(415, "PATCH", here, body(), "application/json")
    bridge.refused(400, "GET", "/payments?" + query(filter__colour="red"))
    bridge.refused(400, "GET", "/payments?" + query(include="owner"))
    bridge.refused(404, "GET", "//payments")
    bridge.refused(404, "GET", "/payments/")
    if bridge.one("payments", here)["data"] != first:
        sys.exit("a request that was refused has changed the payment")

    # By the id; libraries add a charset.
    status, paid = bridge.send("PATCH", bridge.at + here, body(type="payments", id=first["id"]), MEDIA + "; charset=utf-8")
    compare(here, paid["data"], shape_of("payments"))
    say(status, "by its id:", paid["data"]["attributes"]["status"], "with",
        paid["data"]["attributes"]["payment_method_name"])
    bridge.refused(422, "PATCH", here, body())

    # By the document, as the bank knows it: as much, more, and less than is due.
    came = money(paid["data"]["attributes"]["total"])
    for payment, more in [(second, "0"), (third, "0.50"), (fourth, "-1.25")]:
        document, due = payment["attributes"]["document_id"], money(payment["attributes"]["total"])
        amount = due + money(more)
        says = body()
        says["data"]["attributes"].update(amount=str(amount), currency_code=payment["attributes"]["currency_code"],
                                          external_transaction_id=f"bank-{document}")
        for _ in range(2):
            # The second time as well: the bank does not know whether it was heard.
            status, answer = bridge.send("POST", f"{bridge.at}/payments/{document}", says)
            compare(document, answer["data"], shape_of("payments"))
        corrected = bridge.all("corrections", f"/payments/{payment['id']}/corrections")
        say(status, "by its document:", answer["data"]["attributes"]["status"], "corrected by", total(corrected))
        came += amount

    # The books: what came is what the account has more than before, and every correction names its payment.
    corrections = bridge.all("corrections", "/corrections", include="payment")
    alone = bridge.one("corrections", f"/corrections/{corrections[-1]['id']}", include="payment.account")
    kinds = sorted(entry["type"] for entry in alone["included"])
    after = money(bridge.one("accounts", f"/accounts/{account['id']}")["data"]["attributes"]["balance"])
    left = bridge.all("payments", "/payments", **waits)
    say("the last correction comes with", kinds, "and", len(waiting) - len(left), "payments wait no more")
    if after - before != came:
        sys.exit(f"{came} came, and the account has {after - before} more")
    say("the account has what came")


if __name__ == "__main__":
    main()
