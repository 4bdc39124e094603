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
/** Who is told one of these has been told nothing of the task. */
const NOT_TOLD = ["AuthFailed", "AccessDenied", "TaskNotFound", "TaskExpired"];
const CASH = "00000000-0000-4000-8000-00000000ca54";

/** What Create answers. 429 and 503 are no answer: the same is sent again, with the same key. */
async function again<T>(send: () => Promise<{ data?: T | undefined; response: Response }>): Promise<T> {
  for (;;) {
    const { data, response } = await send();
    if (data) return data;
    if (response.status !== 429 && response.status !== 503) throw new Error(`not known: ${response.status}`);
    await new Promise((later) => setTimeout(later, 1000));
  }
}

async function pay(client: Client<paths>, { restaurant, order, amount, currency, key }: Payment) {
  // [pay]
  const params = { async: { objectId: restaurant }, orderGuid: order, payments: [{ amount, currency }] };
  const header = { "Idempotency-Key": key };
  let answer: Told = await again(() => client.POST(CREATE, { params: { header }, body: { taskType: "PayOrder", params } }));
  const taskGuid = answer.responseCommon?.taskGuid;
  while (taskGuid && (isAccepted(answer) || code(answer) === "TaskInProgress")) {
    const body = { taskType: "GetTaskResponse", params: { taskGuid, wait: 20 } } as const;
    answer = await again(() => client.POST(CREATE, { body }));
  }
  return answer; // PayOrderDone, or Refusal
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
if (answer.error && !NOT_TOLD.includes(code(answer) ?? "")) {
  console.log(JSON.stringify({ type: "Refusal", code: code(answer) }));
} else if (answer.taskResponse && answer.responseCommon.taskType === "PayOrder") {
  const { total, summToPay } = paid(answer).order.price;
  console.log(JSON.stringify({ type: "PayOrderDone", total, due: summToPay }));
} else {
  throw new Error(`not known: ${JSON.stringify(answer)}; ask again with the same key`);
}

function paid(answer: Told): Schemas["PayOrderDone"]["taskResponse"] {
  return (answer as Schemas["PayOrderDone"]).taskResponse;
}
