#!/usr/bin/env python3
"""Pays an order over AMQP and prints the answer, or (--results) prints what the results queue holds.

Needs pika: `apt-get install python3-pika` or `pip install pika`."""
import argparse
import json
import sys
import time
import uuid

import pika

TIMEOUT_S = 60


def pay(channel, user, args):
    answers = []

    def on_reply(_channel, _method, properties, body):
        answers.append((properties.correlation_id, body))

    # Direct reply-to: no queue to declare, and no permission needed.
    channel.basic_consume("amq.rabbitmq.reply-to", on_reply, auto_ack=True)
    body = json.dumps({
        "taskType": "PayOrder",
        "params": {
            "async": {"objectId": args.object, "timeout": TIMEOUT_S},
            "orderGuid": args.order,
            "payments": [{"amount": args.amount, "currency": args.currency}],
        },
    })
    message_id = args.message_id or str(uuid.uuid4())
    channel.confirm_delivery()  # from here on, basic_publish fails unless the broker has the message
    channel.basic_publish(
        args.prefix + ".tasks", "in", body.encode(), mandatory=True,
        properties=pika.BasicProperties(
            user_id=user,
            message_id=message_id,
            reply_to="amq.rabbitmq.reply-to",
            correlation_id=message_id,
            content_type="application/json",
            delivery_mode=2,
            expiration=str(TIMEOUT_S * 1000),
        ))
    until = time.monotonic() + 2 * TIMEOUT_S
    while time.monotonic() < until:
        channel.connection.process_data_events(time_limit=1)
        for correlation_id, answer in answers:
            if correlation_id == message_id:
                print(answer.decode())
                return "error" not in json.loads(answer)
    sys.exit(f"no answer: try again with --message-id {message_id}, which cannot pay twice")


def results(channel, aggregator, args):
    queue = f"{args.prefix}.results.{aggregator}"
    for method, properties, body in channel.consume(queue, inactivity_timeout=1):
        if method is None:
            return True
        print(properties.correlation_id, body.decode(), flush=True)
        channel.basic_ack(method.delivery_tag)


parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--url", required=True, help="amqp://user:password@host:5672/%%2f")
parser.add_argument("--prefix", default="wsa")
parser.add_argument("--object", type=int, help="objectId of the restaurant")
parser.add_argument("--order", help="orderGuid")
parser.add_argument("--amount", help="like 449.35")
parser.add_argument("--currency", help="guid of the currency")
parser.add_argument("--message-id", help="your name for the payment: the same one never pays twice")
parser.add_argument("--results", nargs="?", const="", metavar="AGGREGATOR", help="read the results queue")
args = parser.parse_args()
parameters = pika.URLParameters(args.url)
user = parameters.credentials.username
with pika.BlockingConnection(parameters) as connection:
    channel = connection.channel()
    reading = args.results is not None
    good = results(channel, args.results or user, args) if reading else pay(channel, user, args)
sys.exit(0 if good else 1)
