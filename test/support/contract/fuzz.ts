/** Many drawn requests to a real manager, and everything that is wrong with its answers. */
import { PROBLEMS } from "../../../src/api/problems.ts";
import { SeededRandom } from "../seeded-random.ts";
import type { Answer, DescribedApi } from "./described-api.ts";
import { type DrawnRequest, DrawnRequests } from "./drawn-request.ts";
import { Exchange } from "./exchange.ts";

const CONNECTIONS = 8;
/** More would only say the same again. */
const MOST_FAULTS = 20;
const KNOWN_IDS = 200;

export interface FuzzOptions {
  readonly api: DescribedApi;
  readonly url: string;
  readonly seed: number;
  readonly requests: number;
}

export interface FuzzResult {
  /** Requests by operation and status: `submit 201`. */
  readonly answers: ReadonlyMap<string, number>;
  readonly faults: readonly string[];
}

export async function fuzz({ api, url, seed, requests }: FuzzOptions): Promise<FuzzResult> {
  const drawn = new DrawnRequests(api, new SeededRandom(seed));
  const exchange = new Exchange(url, CONNECTIONS);
  const answers = new Map<string, number>();
  const faults: string[] = [];
  let left = requests;
  const sendAll = async (): Promise<void> => {
    while (left > 0 && faults.length < MOST_FAULTS) {
      left -= 1;
      const request = drawn.next();
      const answer = await exchange.send(request).catch((error: Error) => error);
      if (answer instanceof Error) {
        faults.push(`${shown(request)}: no answer: ${answer.message}`);
        continue;
      }
      const key = `${request.operation?.id ?? "astray"} ${String(answer.status)}`;
      answers.set(key, (answers.get(key) ?? 0) + 1);
      remember(drawn.json.ids, answer);
      const wrong =
        request.operation === undefined
          ? astrayContradiction(request, answer)
          : api.contradiction(request.operation, answer);
      if (wrong !== undefined) faults.push(`${shown(request)}: ${String(answer.status)}: ${wrong}`);
    }
  };
  try {
    await Promise.all(Array.from({ length: CONNECTIONS }, sendAll));
  } finally {
    exchange.close();
  }
  return { answers, faults };
}

function remember(ids: string[], { status, text }: Answer): void {
  if (status !== 201) return;
  const id = /"(?:id|ID)":"([0-9a-f-]{36})"/.exec(text)?.[1];
  if (id !== undefined) ids.push(id);
  if (ids.length > KNOWN_IDS) ids.shift();
}

/** Where nothing is described, the server still answers as it does everywhere. */
function astrayContradiction({ method, target }: DrawnRequest, answer: Answer): string | undefined {
  const { status, contentType = "", text } = answer;
  if (status >= 500 && status !== 503) return text;
  if (status < 400 || method === "HEAD" || target.startsWith("/classic")) return undefined;
  if (!contentType.startsWith("application/problem+json")) return `${contentType} is no problem`;
  const { code } = JSON.parse(text) as { readonly code: keyof typeof PROBLEMS };
  return Object.hasOwn(PROBLEMS, code) ? undefined : `the code ${code} is not of the table`;
}

function shown({ method, target, headers, body = "" }: DrawnRequest): string {
  return `${method} ${target} ${JSON.stringify(headers)} ${body.slice(0, 1000)}`;
}
