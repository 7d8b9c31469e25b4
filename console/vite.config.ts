import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const gateway = "http://127.0.0.1:8000";

export default defineConfig({
  plugins: [react()],
  html: { cspNonce: "PLAUDIT_NONCE" }, // the gateway puts a new one in for each request
  build: { assetsDir: "console", assetsInlineLimit: 0 },
  server: { proxy: { "/graphql": { target: gateway, ws: true }, "/uploads": gateway, "/sign-in": gateway } },
});
