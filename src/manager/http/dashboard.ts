/** What a browser finds that is pointed at the manager: the dashboard, a page that speaks to the API like any other client. */
import fastifyStatic from "@fastify/static";
import type { FastifyInstance } from "fastify";
import { problem, ProblemError } from "../../api/problems.ts";

/** Nothing from elsewhere, and nothing that stands in the page itself. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

const NOT_BUILT = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Birdman</title>
<h1>Birdman</h1>
<p>This manager is up, but its dashboard is not built. In its checkout, run:</p>
<pre>npm run build:web</pre>
<p>and start the manager again. The command line works all the same (<code>birdman status</code>, <code>birdman node</code>),
and so does the API: <a href="/tasks">tasks</a>, <a href="/nodes">nodes</a>, <a href="/stats">stats</a>.</p>
</html>
`;

/** The page itself needs no token: it asks for one when the API does. */
const OPEN = { access: "open", whileStarting: true } as const;

/** `files`: the folder that `npm run build:web` fills; without it there is a page that says so. */
export function dashboardRoutes(app: FastifyInstance, files: string | undefined): void {
  app.get("/", { config: OPEN }, async (request, reply) => {
    if (request.headers.accept?.includes("text/html") === true) return reply.redirect("/ui/", 302);
    throw new ProblemError(problem("not_found", "there is nothing at /; the API begins at /tasks, /nodes and /stats"));
  });

  if (files === undefined) {
    app.get("/ui/", { config: OPEN }, async (_request, reply) => {
      return reply.header("content-security-policy", POLICY).type("text/html; charset=utf-8").send(NOT_BUILT);
    });
    return;
  }

  app.register(
    async (scope) => {
      scope.addHook("onRoute", (route) => {
        route.config = { ...route.config, ...OPEN };
      });
      scope.addHook("onRequest", async (_request, reply) => {
        reply.headers({
          "content-security-policy": POLICY,
          "referrer-policy": "no-referrer",
          "cross-origin-opener-policy": "same-origin",
        });
      });
      await scope.register(fastifyStatic, {
        root: files,
        index: "index.html",
        preCompressed: true,
        cacheControl: false,
        setHeaders: (reply, path) => {
          // Names of assets change with what is in them; the page that names them is asked for each time.
          const isAsset = path.includes("/assets/");
          reply.header("cache-control", isAsset ? "public, max-age=31536000, immutable" : "no-cache");
        },
      });
      scope.get("/", async (_request, reply) => reply.sendFile("index.html"));
      // The dashboard's own addresses, such as /ui/tasks/ID.
      scope.setNotFoundHandler(async (request, reply) => {
        const isPage = request.method === "GET" && !/\.\w+$/.test(request.url.split("?", 1)[0] ?? "");
        if (isPage) return reply.code(200).sendFile("index.html");
        throw new ProblemError(problem("not_found", `there is nothing at ${request.url.slice(0, 256)}`));
      });
    },
    { prefix: "/ui" },
  );
}
