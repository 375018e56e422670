import { defineConfig } from "vitest/config";

export default defineConfig({ test: { include: ["snippet/test/**/*.test.ts", "templates/assets/test/**/*.test.ts"] } });
