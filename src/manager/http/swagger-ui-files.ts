/** What the page of the API's description needs of Swagger UI; the build puts it beside the bundle. */
export const SWAGGER_UI_FILES = ["swagger-ui.css", "swagger-ui-bundle.js"] as const;
