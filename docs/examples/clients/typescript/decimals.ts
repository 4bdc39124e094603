// A `fetch` that reads a number with a fraction as the text of it: no amount is ever a binary float.

/** A text of JSON, or a number with a fraction outside of one. */
const TOKEN = /"(?:[^"\\]+|\\.)*"|-?\d+(?:\.\d+)(?:[eE][+-]?\d+)?/g;

export async function decimals(request: Request): Promise<Response> {
  const response = await fetch(request);
  if (!response.headers.get("content-type")?.includes("json")) return response;
  const text = (await response.text()).replace(TOKEN, (token) => (token.startsWith('"') ? token : `"${token}"`));
  // The body is plain now, and as long as it is.
  const headers = new Headers(response.headers);
  ["content-encoding", "content-length"].forEach((name) => headers.delete(name));
  return new Response(text, { status: response.status, statusText: response.statusText, headers });
}
