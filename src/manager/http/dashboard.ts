/** What a browser finds that is pointed at the manager. */
import type { FastifyInstance } from "fastify";
import { problem, ProblemError } from "../../api/problems.ts";

const PAGE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Birdman</title>
<style>body { font: 16px/1.5 system-ui, sans-serif; max-width: 40rem; margin: 4rem auto; padding: 0 1rem }</style>
<h1>Birdman</h1>
<p>This manager is up. It has no dashboard yet; use the command line:</p>
<pre>birdman status
birdman node
birdman logs TASK</pre>
<p>or the API: <a href="/tasks">tasks</a>, <a href="/nodes">nodes</a>, <a href="/stats">stats</a>.</p>
</html>
`;

export function frontPageRoutes(app: FastifyInstance): void {
  const open = { config: { access: "open", whileStarting: true } } as const;

  app.get("/", open, async (request, reply) => {
    if (request.headers.accept?.includes("text/html") === true) return reply.redirect("/ui/", 302);
    throw new ProblemError(problem("not_found", "there is nothing at /; the API begins at /tasks, /nodes and /stats"));
  });

  app.get("/ui/", open, async (_request, reply) => {
    reply.header("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'");
    return reply.type("text/html; charset=utf-8").send(PAGE);
  });
}
