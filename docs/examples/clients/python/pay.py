"""Pays an order with the client that is generated from clients.json, and shows what became of it.

    python pay.py --url http://127.0.0.1:8080 --token demo --object 199990246 \
        --order 01a201f0-bfcf-74b6-b2fe-000000000001 --amount 518.85 --key payment-17
"""
import argparse
import json
import time
from uuid import UUID

import httpx

from decimals import Decimals
from wsa import AuthenticatedClient
from wsa.api.tasks import create
from wsa.models import (
    Accepted, GetTaskResponseParams, GetTaskResponseRequest, PayOrderDone, PayOrderParams, PayOrderRequest, Payment,
    Refusal, Scheduled)
from wsa.types import UNSET, Unset

# Who is told one of these has been told nothing of the task.
NOT_TOLD = ("AuthFailed", "AccessDenied", "TaskNotFound", "TaskExpired")
CASH = "00000000-0000-4000-8000-00000000ca54"


def ask(client: AuthenticatedClient, body: PayOrderRequest | GetTaskResponseRequest, key: str | Unset = UNSET) -> object:
    """What Create answers. 429 and 503 are no answer: the same is sent again, with the same key."""
    while (told := create.sync_detailed(client=client, body=body, idempotency_key=key)).status_code in (429, 503):
        time.sleep(1)
    return told.parsed


def pay(client: AuthenticatedClient, restaurant: int, order: str, amount: str, currency: str, key: str) -> object:
    # [pay]
    payment = Payment(amount=amount, currency=UUID(currency))  # a decimal string: "518.85"
    params = PayOrderParams(async_=Scheduled(object_id=restaurant), order_guid=UUID(order), payments=[payment])
    answer = ask(client, PayOrderRequest(task_type="PayOrder", params=params), key)
    while isinstance(answer, Accepted):
        question = GetTaskResponseParams(task_guid=answer.response_common.task_guid, wait=20)
        told = ask(client, GetTaskResponseRequest(task_type="GetTaskResponse", params=question))
        if not (isinstance(told, Refusal) and code(told) == "TaskInProgress"):
            answer = told
    return answer  # PayOrderDone, or Refusal
    # [end]


def code(refusal: Refusal) -> str:
    """Why: a word for programs, which a later version may have more of."""
    error = refusal.error.ws_error or refusal.error.agent_error
    return str(error.code) if error else ""


def main() -> None:
    parser = argparse.ArgumentParser()
    for name in ("url", "token", "object", "order", "amount", "key"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--currency", default=CASH)
    args = parser.parse_args()
    client = AuthenticatedClient(
        base_url=args.url, token=args.token, prefix="", auth_header_name="AggregatorAuthentication",
        timeout=httpx.Timeout(60), httpx_args={"transport": Decimals()})
    answer = pay(client, int(args.object), args.order, args.amount, args.currency, args.key)
    if isinstance(answer, PayOrderDone):
        price = answer.task_response.order.price
        print(json.dumps({"type": "PayOrderDone", "total": price.total, "due": price.summ_to_pay}))
    elif isinstance(answer, Refusal) and code(answer) not in NOT_TOLD:
        print(json.dumps({"type": "Refusal", "code": code(answer)}))
    else:
        raise SystemExit(f"not known: {answer!r}; ask again with the same key")


if __name__ == "__main__":
    main()
