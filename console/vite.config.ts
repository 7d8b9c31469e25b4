import react from "@vitejs/plugin-react";
import { defineConfig, loadEnv } from "vite";

export default defineConfig(({ mode }) => {
  const { PLAUDIT_URL } = loadEnv(mode, ".", "PLAUDIT_URL");
  // With the gateway's own name as the Host, since the demo answers to no other.
  const gateway = { target: PLAUDIT_URL ?? "http://127.0.0.1:8000", changeOrigin: true };
  return {
    plugins: [react()],
    html: { cspNonce: "PLAUDIT_NONCE" }, // the gateway puts a new one in for each request
    build: { assetsDir: "console", assetsInlineLimit: 0 },
    server: { proxy: { "/graphql": gateway, "/uploads": gateway, "/sign-in": gateway } },
  };
});
