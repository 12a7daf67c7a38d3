/** `/openapi.json`, the API's description, and `/docs/`, a page to read it and to try it (Swagger UI). */
import fastifyStatic from "@fastify/static";
import type { FastifyInstance } from "fastify";
import { openApiDocument } from "../../api/openapi.ts";
import { SWAGGER_UI_FILES } from "./swagger-ui-files.ts";

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Birdman API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="swagger-ui/swagger-ui.css">
</head>
<body>
<div id="page"><p>This page needs JavaScript. The description itself is at <a href="../openapi.json">openapi.json</a>.</p></div>
<script src="swagger-ui/swagger-ui-bundle.js"></script>
<script src="start.js"></script>
</body>
</html>
`;

/** `validatorUrl`: by default the page would ask a server of its maker's. */
const START = `SwaggerUIBundle({
  url: "../openapi.json",
  dom_id: "#page",
  deepLinking: true,
  docExpansion: "list",
  validatorUrl: null,
  displayRequestDuration: true,
  tryItOutEnabled: true,
});
`;

/** Nothing from elsewhere, and nothing that stands in the page itself. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** `swaggerUi`: the folder with `SWAGGER_UI_FILES`; without it there is no page. */
export function openApiRoutes(app: FastifyInstance, swaggerUi: string | undefined): void {
  const open = { config: { access: "open", whileStarting: true } } as const;
  let document: string | undefined;

  app.get("/openapi.json", open, async (_request, reply) => {
    document ??= JSON.stringify(openApiDocument());
    return reply.type("application/json; charset=utf-8").send(document);
  });

  if (swaggerUi === undefined) return;

  app.get("/docs/", open, async (request, reply) => {
    // What the page loads is named relative to it.
    if (!/^[^?]*\/(\?|$)/.test(request.url)) return reply.redirect("/docs/", 308);
    return reply.header("content-security-policy", POLICY).type("text/html; charset=utf-8").send(PAGE);
  });

  app.get("/docs/start.js", open, async (_request, reply) => {
    return reply.type("text/javascript; charset=utf-8").send(START);
  });

  app.register(async (scope) => {
    scope.addHook("onRoute", (route) => {
      route.config = { ...route.config, ...open.config };
    });
    await scope.register(fastifyStatic, {
      root: swaggerUi,
      prefix: "/docs/swagger-ui/",
      decorateReply: false,
      index: false,
      allowedPath: (path) => SWAGGER_UI_FILES.some((file) => path === `/${file}`),
    });
  });
}
