// Pays an order with the client that is generated from clients.json, and shows what became of it.
//
//     node js/pay.js --url http://127.0.0.1:8080 --token demo --object 199990246
//         --order 01a201f0-bfcf-74b6-b2fe-000000000001 --amount 518.85 --key payment-17
import { parseArgs } from "node:util";

import createClient, { type Client } from "openapi-fetch";

import { decimals } from "./decimals.js";
import type { components, paths } from "./wsa.js";

type Schemas = components["schemas"];
type Payment = { restaurant: number; order: string; amount: string; currency: string; key: string };

const CREATE = "/wsserverlp/api/v2/aggregators/Create";
const CASH = "00000000-0000-4000-8000-00000000ca54";

async function pay(client: Client<paths>, { restaurant, order, amount, currency, key }: Payment) {
  // [pay]
  const params = { async: { objectId: restaurant }, orderGuid: order, payments: [{ amount, currency }] };
  const header = { "Idempotency-Key": key };
  let told = await client.POST(CREATE, { params: { header }, body: { taskType: "PayOrder", params } });
  const guid = told.data?.responseCommon?.taskGuid;
  while (told.data && guid && (isAccepted(told.data) || code(told.data) === "TaskInProgress")) {
    const question = { taskGuid: guid, wait: 20 };
    told = await client.POST(CREATE, { body: { taskType: "GetTaskResponse", params: question } });
  }
  return told.data ?? told.error; // PayOrderDone, or Refusal
  // [end]
}

type Told = Schemas["CreateResponse"];

function isAccepted(told: Told): told is Schemas["Accepted"] {
  return !told.error && !told.taskResponse;
}

/** Why: a word for programs, which a later version may have more of. */
function code(told: Told): string | undefined {
  return told.error ? (told.error.wsError ?? told.error.agentError)?.code : undefined;
}

const text = { type: "string" } as const;
const options = { url: text, token: text, object: text, order: text, amount: text, currency: text, key: text };
const { url, token, object, order, amount, currency, key } = parseArgs({ options }).values;
if (!url || !token || !object || !order || !amount || !key) throw new Error("--url, --token, --object, --order, --amount and --key");
const client = createClient<paths>({ baseUrl: url, fetch: decimals, headers: { AggregatorAuthentication: token } });
const answer = await pay(client, { restaurant: Number(object), order, amount, currency: currency ?? CASH, key });
if (answer?.error) {
  console.log(JSON.stringify({ type: "Refusal", code: code(answer) }));
} else if (answer?.taskResponse && answer.responseCommon.taskType === "PayOrder") {
  const { total, summToPay } = paid(answer).order.price;
  console.log(JSON.stringify({ type: "PayOrderDone", total, due: summToPay }));
} else {
  throw new Error(`not known: ${JSON.stringify(answer)}; ask again with the same key`);
}

function paid(answer: Told): Schemas["PayOrderDone"]["taskResponse"] {
  return (answer as Schemas["PayOrderDone"]).taskResponse;
}
